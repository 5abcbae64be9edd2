package dev.utter.benchmarks.plot;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Draws results as pairs of bars on a logarithmic axis. The colours follow the reader's choice of a
 * light or a dark page.
 */
final class BarChart {
  private static final int LEFT = 250;
  private static final int PLOT = 420;
  private static final int RIGHT = 120;
  private static final int TOP = 64;
  private static final int ROW = 46;
  private static final int BAR = 14;
  private static final int BOTTOM = 48;
  private static final int BASELINE = 11;

  private static final String STYLE =
      """
      <style>
        text { font: 13px system-ui, sans-serif; fill: #1f2328; }
        .small { font-size: 11px; }
        .title { font-size: 15px; font-weight: 600; }
        .own { fill: #0969da; }
        .peer { fill: #8c959f; }
        .grid { stroke: #d0d7de; }
        .real { stroke: #cf222e; stroke-dasharray: 4 3; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .own { fill: #58a6ff; }
          .peer { fill: #6e7681; }
          .grid { stroke: #30363d; }
          .real { stroke: #ff7b72; }
        }
      </style>
      """;

  private final List<Bar> bars;
  private final int lowest;
  private final int highest;
  private final StringBuilder svg = new StringBuilder();

  private BarChart(List<Bar> bars) {
    this.bars = bars;
    double[] values =
        bars.stream()
            .flatMap(bar -> Stream.concat(Stream.of(bar.own()), bar.peer().stream()))
            .mapToDouble(value -> value)
            .toArray();
    lowest = decade(DoubleStream.of(values).min().orElse(1), false);
    highest = decade(DoubleStream.of(values).max().orElse(1), true);
  }

  /**
   * The picture.
   *
   * @param bars at least one, with values above 0
   */
  static String draw(List<Bar> bars) {
    return new BarChart(bars).draw();
  }

  private String draw() {
    int width = LEFT + PLOT + RIGHT;
    int height = TOP + bars.size() * ROW + BOTTOM;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" aria-label=\"Seconds of audio per second\">",
        width, height, width, height);
    svg.append(STYLE);
    text(16, 24, "title", "start", "Seconds of audio per second, all streams together");
    legend();
    axis();
    for (int i = 0; i < bars.size(); i++) {
      row(bars.get(i), TOP + i * ROW);
    }
    add("</svg>");
    return svg.toString();
  }

  private void legend() {
    add("<rect class=\"own\" x=\"16\" y=\"37\" width=\"12\" height=\"12\"/>");
    text(34, 48, "small", "start", "Utter");
    add("<rect class=\"peer\" x=\"84\" y=\"37\" width=\"12\" height=\"12\"/>");
    text(102, 48, "small", "start", "transformers");
  }

  private void axis() {
    int bottom = TOP + bars.size() * ROW;
    for (int decade = lowest; decade <= highest; decade++) {
      double value = Math.pow(10, decade);
      add(
          "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
          decade == 0 ? "real" : "grid", at(value), TOP - 6, at(value), bottom);
      text(at(value), bottom + 18, "small", "middle", number(value));
    }
    if (lowest <= 0 && highest >= 0) {
      text(at(1), bottom + 36, "small", "middle", "real time");
    }
  }

  private void row(Bar bar, int y) {
    text(LEFT - 10, y + BAR + 5, "", "end", bar.label());
    bar("own", bar.own(), y);
    bar.peer().ifPresent(peer -> bar("peer", peer, y + BAR + 2));
    bar.ratio()
        .ifPresent(
            ratio ->
                text(LEFT + PLOT + RIGHT - 12, y + BAR + 5, "title", "end", number(ratio) + "x"));
  }

  private void bar(String style, double value, int y) {
    double end = at(value);
    add(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
        style, LEFT, y, Math.max(1, end - LEFT), BAR);
    text(end + 5, y + BASELINE, "small", "start", number(value));
  }

  /** Where a value lies, from left to right. */
  private double at(double value) {
    return LEFT + PLOT * (Math.log10(value) - lowest) / (highest - lowest);
  }

  private static int decade(double value, boolean up) {
    double exponent = Math.log10(value);
    return (int) (up ? Math.floor(exponent) + 1 : Math.ceil(exponent) - 1);
  }

  private static String number(double value) {
    return String.format(
            Locale.ROOT, value >= 9.95 ? "%.0f" : value >= 0.995 ? "%.1f" : "%.2g", value)
        .replaceAll("\\.0$", "");
  }

  private void text(double x, double y, String style, String anchor, String words) {
    add(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        style, x, y, anchor, words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
