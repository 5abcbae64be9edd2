package dev.utter.worker.avro;

import dev.utter.worker.failure.RetryLaterException;
import org.jspecify.annotations.Nullable;

/**
 * The registry answers, but neither has nor accepts the schema of an event. An operator has to
 * change the registry's content or rights, or the worker's settings; until then the event waits.
 */
final class RegistryRefusalException extends RetryLaterException {
  private static final long serialVersionUID = 1L;

  private final String subject;

  RegistryRefusalException(String subject, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.subject = subject;
  }

  /** The subject it is about. */
  String subject() {
    return subject;
  }
}
