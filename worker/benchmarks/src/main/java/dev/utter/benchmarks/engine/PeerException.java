package dev.utter.benchmarks.engine;

/** The peer could not do what it was asked. */
final class PeerException extends RuntimeException {
  PeerException(String message) {
    super(message);
  }

  PeerException(String message, Throwable cause) {
    super(message, cause);
  }
}
