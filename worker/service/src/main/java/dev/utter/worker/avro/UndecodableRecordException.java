package dev.utter.worker.avro;

/**
 * These bytes are not the event they should be and never will be. The record goes to the dead
 * letters byte for byte; the message is the reason written into its headers.
 */
public final class UndecodableRecordException extends RuntimeException {

  /** Why the bytes cannot be read. */
  public UndecodableRecordException(String reason) {
    super(reason);
  }

  /** Why the bytes cannot be read, and what said so. */
  public UndecodableRecordException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
