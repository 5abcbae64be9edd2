package dev.utter.demo;

import dev.utter.producer.client.RequestProgress;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A table that is redrawn in place, for terminals. */
final class ProgressTable implements ProgressView {
  private static final long REDRAW_MILLIS = 200;
  private static final String UP = "\u001b[%dA";
  private static final String CLEAR_LINE = "\u001b[2K";

  private final PrintWriter out;
  private final RequestRows rows;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "progress-table");
            thread.setDaemon(true);
            return thread;
          });
  private int drawnLines;

  ProgressTable(PrintWriter out, RequestRows rows) {
    this.out = out;
    this.rows = rows;
    ticker.scheduleWithFixedDelay(this::draw, REDRAW_MILLIS, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void step(String message) {
    erase();
    out.println(message);
    draw();
  }

  @Override
  public void published(String requestId) {
    rows.published(requestId);
  }

  @Override
  public void changed(RequestProgress progress) {
    rows.changed(progress);
  }

  private synchronized void draw() {
    List<String> lines = rows.all();
    erase();
    if (!lines.isEmpty()) {
      out.println(CLEAR_LINE + RequestRows.HEADING);
      lines.forEach(line -> out.println(CLEAR_LINE + line));
      drawnLines = lines.size() + 1;
    }
    out.flush();
  }

  private void erase() {
    if (drawnLines > 0) {
      out.printf(UP, drawnLines);
      drawnLines = 0;
    }
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    draw();
  }
}
