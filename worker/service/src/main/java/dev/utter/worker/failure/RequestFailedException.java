package dev.utter.worker.failure;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The request can never succeed, however often it is tried. It ends as one {@code SynthesisFailed}.
 */
public class RequestFailedException extends RuntimeException {
  private final FailureCode code;
  private final @Nullable String field;

  /**
   * A failure of one request.
   *
   * @param code why
   * @param field path of the offending field, for example {@code context[0].audio}; null if none
   * @param message the value and the rule it breaks, for the caller to read
   */
  public RequestFailedException(FailureCode code, @Nullable String field, String message) {
    this(code, field, message, null);
  }

  /**
   * A failure of one request, with what led to it.
   *
   * @param code why
   * @param field path of the offending field, for example {@code context[0].audio}; null if none
   * @param message the value and the rule it breaks, for the caller to read
   * @param cause what led to it; null if nothing did
   */
  public RequestFailedException(
      FailureCode code, @Nullable String field, String message, @Nullable Throwable cause) {
    super(requireNonNull(message, "message is null"), cause);
    this.code = requireNonNull(code, "code is null");
    this.field = field;
  }

  /** Why. */
  public FailureCode code() {
    return code;
  }

  /** Path of the offending field of the request, where there is one. */
  public Optional<String> field() {
    return Optional.ofNullable(field);
  }
}
