package dev.utter.demo;

import dev.utter.producer.client.RequestProgress;
import java.io.PrintWriter;

/** Shows the progress of the requests. Called from several threads. */
interface ProgressView extends AutoCloseable {
  /**
   * A table drawn in place where the launcher found standard error to be a terminal, else plain
   * lines.
   */
  static ProgressView on(PrintWriter err) {
    RequestRows rows = new RequestRows(System::nanoTime);
    return Boolean.getBoolean("utter.terminal")
        ? new ProgressTable(err, rows)
        : new ProgressLines(err, rows);
  }

  /** A step of the set-up. */
  void step(String message);

  /** A request was published. */
  void published(String requestId);

  /** The progress of a request changed. */
  void changed(RequestProgress progress);

  /** Ends the view; the last state remains visible. */
  @Override
  void close();
}
