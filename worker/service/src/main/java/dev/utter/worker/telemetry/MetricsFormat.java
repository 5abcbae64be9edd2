package dev.utter.worker.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The formats of metrics, and the choice by an {@code Accept} header. */
public enum MetricsFormat {
  /** Prometheus' text format; what a client gets that asks for nothing. */
  TEXT("text/plain; version=0.0.4; charset=utf-8"),
  /** Has exemplars, too. */
  OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private static final String OPEN_METRICS_TYPE = "application/openmetrics-text";
  private static final List<String> TEXT_TYPES = List.of("text/plain", "text/*", "*/*");
  private static final String QUALITY = "q=";

  private final String mediaType;

  MetricsFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  /** The media type of an answer in this format. */
  public String mediaType() {
    return mediaType;
  }

  /**
   * The format that a client prefers: OpenMetrics only if it is named, and text is not preferred.
   *
   * @param head of the HTTP request
   */
  static MetricsFormat of(String head) {
    double openMetrics = 0;
    double text = 0;
    for (String range : accepted(head)) {
      List<String> parts = List.of(range.toLowerCase(Locale.ROOT).replace(" ", "").split(";"));
      if (parts.get(0).equals(OPEN_METRICS_TYPE)) {
        openMetrics = Math.max(openMetrics, quality(parts));
      } else if (TEXT_TYPES.contains(parts.get(0))) {
        text = Math.max(text, quality(parts));
      }
    }
    return openMetrics > 0 && openMetrics >= text ? OPEN_METRICS : TEXT;
  }

  private static List<String> accepted(String head) {
    List<String> ranges = new ArrayList<>();
    head.lines()
        .skip(1)
        .filter(line -> line.regionMatches(true, 0, "accept:", 0, "accept:".length()))
        .forEach(line -> ranges.addAll(List.of(line.substring("accept:".length()).split(","))));
    return ranges;
  }

  /** 1 without a value, 0 with one that is no number. */
  private static double quality(List<String> parts) {
    for (String part : parts.subList(1, parts.size())) {
      if (part.startsWith(QUALITY)) {
        try {
          double value = Double.parseDouble(part.substring(QUALITY.length()));
          return value >= 0 && value <= 1 ? value : 0;
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
