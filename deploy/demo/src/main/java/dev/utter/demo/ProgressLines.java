package dev.utter.demo;

import dev.utter.producer.client.RequestProgress;
import java.io.PrintWriter;

/** One line for every change: for logs and pipes. */
final class ProgressLines implements ProgressView {
  private final PrintWriter out;
  private final RequestRows rows;

  ProgressLines(PrintWriter out, RequestRows rows) {
    this.out = out;
    this.rows = rows;
  }

  @Override
  public void step(String message) {
    print(message);
  }

  @Override
  public void published(String requestId) {
    print(rows.published(requestId));
  }

  @Override
  public void changed(RequestProgress progress) {
    print(rows.changed(progress));
  }

  private synchronized void print(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void close() {}
}
