package dev.utter.chaos.history;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a history as it happens. Any thread may add to it. */
public final class History implements AutoCloseable {
  private final BufferedWriter writer;

  private History(BufferedWriter writer) {
    this.writer = writer;
  }

  /** Opens a new file; an existing file is replaced. */
  public static History write(Path file) throws IOException {
    return new History(Files.newBufferedWriter(file));
  }

  /** The current time, as entries hold it. */
  public static long now() {
    return System.currentTimeMillis();
  }

  /**
   * Adds an entry.
   *
   * @throws UncheckedIOException if it cannot be written, or the history is closed
   */
  public synchronized void add(Entry entry) {
    try {
      writer.write(HistoryFile.line(entry));
      writer.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException("the history cannot be written", e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the history cannot be written", e);
    }
  }
}
