package dev.utter.worker.intake.offsets;

/** The metadata of a committed offset is ours but cannot be understood. */
public final class UnreadableProgressException extends RuntimeException {

  UnreadableProgressException(String what, String metadata) {
    super(what + ": \"" + metadata.substring(0, Math.min(40, metadata.length())) + "\"");
  }
}
