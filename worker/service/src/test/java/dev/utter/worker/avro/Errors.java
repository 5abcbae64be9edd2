package dev.utter.worker.avro;

/** Decoding turns every error into a dead letter; fuzz targets report those of the machine. */
final class Errors {
  private Errors() {}

  /** Throws the error, of memory or of the stack, that made a record undecodable. */
  static void rethrow(UndecodableRecordException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof Error error) {
        throw error;
      }
    }
  }
}
