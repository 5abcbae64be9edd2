package dev.utter.speech.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A transfer failed for a reason that may pass: the network, or a server that is busy. */
final class TransferException extends IOException {

  private final transient Optional<Duration> wait;

  TransferException(String message, Optional<Duration> wait) {
    super(message);
    this.wait = wait;
  }

  TransferException(String message, Throwable cause) {
    super(message, cause);
    this.wait = Optional.empty();
  }

  /** How long the server asks to wait. */
  Optional<Duration> askedWait() {
    return wait;
  }
}
