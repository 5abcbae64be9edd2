package dev.utter.worker.avro;

/**
 * The bytes can never be decoded as the expected event. The record goes to the dead letters byte
 * for byte; the message is the reason written into its headers.
 */
public final class UndecodableRecordException extends RuntimeException {

  /** Why the bytes cannot be read. */
  public UndecodableRecordException(String reason) {
    super(reason);
  }

  /** Why the bytes cannot be read, with the cause. */
  public UndecodableRecordException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
