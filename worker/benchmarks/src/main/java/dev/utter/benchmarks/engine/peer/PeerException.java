package dev.utter.benchmarks.engine.peer;

/** The peer could not do what it was asked. */
public final class PeerException extends RuntimeException {
  PeerException(String message) {
    super(message);
  }

  PeerException(String message, Throwable cause) {
    super(message, cause);
  }
}
