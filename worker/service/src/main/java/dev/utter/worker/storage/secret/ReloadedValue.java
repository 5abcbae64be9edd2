package dev.utter.worker.storage.secret;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a value from its files whenever it is used; keeps the last one if they cannot be read.
 * Thread-safe.
 */
final class ReloadedValue<T> {
  private static final Logger LOGGER = LoggerFactory.getLogger(ReloadedValue.class);

  /** Reads the value anew. */
  @FunctionalInterface
  interface Reader<T> {
    /**
     * What the files have now.
     *
     * @param last the value in use
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if what it has cannot be used
     */
    T read(T last) throws IOException;
  }

  private final String changed;
  private final String kept;
  private final Reader<T> reader;
  private T last;
  private boolean readable = true;

  /**
   * A value in use.
   *
   * @param changed log line when the value has changed
   * @param kept log line when the value cannot be read, written once
   */
  ReloadedValue(T first, Reader<T> reader, String changed, String kept) {
    this.last = first;
    this.reader = reader;
    this.changed = changed;
    this.kept = kept;
  }

  synchronized T get() {
    try {
      T now = reader.read(last);
      if (!now.equals(last)) {
        LOGGER.atInfo().log(changed);
      }
      last = now;
      readable = true;
    } catch (IOException | IllegalArgumentException e) {
      if (readable) {
        LOGGER.atWarn().addKeyValue("error", e.toString()).log(kept);
      }
      readable = false;
    }
    return last;
  }
}
