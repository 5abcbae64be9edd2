package dev.utter.demo;

import dev.utter.producer.client.RequestProgress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * One row of text for each request: its stage, the frames of its clip, the seconds since its
 * publication. Safe for use by several threads.
 */
final class RequestRows {
  static final String HEADING =
      String.format(Locale.ROOT, "%-18s %-26s %7s %8s", "request", "stage", "frames", "seconds");

  private final LongSupplier nanoClock;
  private final Map<String, Row> rows = new LinkedHashMap<>();

  RequestRows(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  private record Row(RequestProgress progress, long publishedNanos, long finishedNanos) {
    private static final long RUNNING = -1;
  }

  /** Adds a row, and returns it. */
  synchronized String published(String requestId) {
    Row row = new Row(RequestProgress.of(requestId), nanoClock.getAsLong(), Row.RUNNING);
    rows.put(requestId, row);
    return text(row);
  }

  /** Changes a row, and returns it. */
  synchronized String changed(RequestProgress progress) {
    Row row =
        rows.computeIfPresent(
            progress.requestId(),
            (id, old) ->
                new Row(
                    progress,
                    old.publishedNanos(),
                    progress.isFinished() ? nanoClock.getAsLong() : Row.RUNNING));
    return row == null ? "" : text(row);
  }

  /** All rows, in the order they were published. */
  synchronized List<String> all() {
    List<String> lines = new ArrayList<>();
    rows.values().forEach(row -> lines.add(text(row)));
    return lines;
  }

  private String text(Row row) {
    RequestProgress progress = row.progress();
    long end = row.finishedNanos() == Row.RUNNING ? nanoClock.getAsLong() : row.finishedNanos();
    return String.format(
        Locale.ROOT,
        "%-18s %-26s %7s %8.1f",
        progress.requestId(),
        stage(progress),
        progress.completed().map(event -> String.valueOf(event.getFrames())).orElse("-"),
        (end - row.publishedNanos()) / 1e9);
  }

  private static String stage(RequestProgress progress) {
    return progress
        .failed()
        .map(event -> "FAILED " + event.getCode())
        .or(() -> progress.verified().map(event -> "VERIFIED " + event.getVerdict()))
        .or(() -> progress.state().map(Enum::name))
        .orElse("PUBLISHED");
  }
}
