package dev.utter.worker.intake.offsets;

/** The metadata of a committed offset was written by a worker but cannot be decoded. */
public final class UnreadableProgressException extends RuntimeException {

  UnreadableProgressException(String what, String metadata) {
    super(what + ": \"" + metadata.substring(0, Math.min(40, metadata.length())) + "\"");
  }
}
