package dev.utter.demo;

import dev.utter.producer.client.RequestProgress;
import java.io.PrintWriter;

/** Shows people how the requests are doing. Called from several threads. */
public interface ProgressView extends AutoCloseable {
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

  /** Something new is known of a request. */
  void changed(RequestProgress progress);

  /** Leaves the last state standing. */
  @Override
  void close();
}
