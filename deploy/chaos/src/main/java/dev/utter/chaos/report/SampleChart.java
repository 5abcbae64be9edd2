package dev.utter.chaos.report;

import dev.utter.chaos.history.Entry.Sample;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Draws the processes' resources over time: four panels, one line for each worker. */
final class SampleChart {
  private static final int WIDTH = 760;
  private static final int PANEL = 130;
  private static final int LEFT = 70;
  private static final int TOP = 40;
  private static final int GAP = 40;
  private static final double MEGABYTE = 1e6;
  private static final String STYLE =
      """
      <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328; }
        .title { font-size: 15px; font-weight: 600; }
        .grid { stroke: #d0d7de; }
        .line { fill: none; stroke: #0969da; stroke-width: 1.4; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .grid { stroke: #30363d; }
          .line { stroke: #58a6ff; }
        }
      </style>
      """;

  private final List<Sample> samples;
  private final StringBuilder svg = new StringBuilder();
  private final long from;
  private final long until;

  private SampleChart(List<Sample> samples) {
    this.samples = samples;
    from = samples.stream().mapToLong(Sample::at).min().orElse(0);
    until = Math.max(from + 1, samples.stream().mapToLong(Sample::at).max().orElse(1));
  }

  static String draw(List<Sample> samples) {
    return new SampleChart(samples).draw();
  }

  private String draw() {
    Map<String, ToDoubleFunction<Sample>> panels = new LinkedHashMap<>();
    panels.put("heap in use, MB", sample -> sample.heapBytes() / MEGABYTE);
    panels.put("resident memory, MB", sample -> sample.residentBytes() / MEGABYTE);
    panels.put("open files", Sample::descriptors);
    panels.put("threads", Sample::threads);
    int height = TOP + panels.size() * (PANEL + GAP) + 10;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " role=\"img\" aria-label=\"What the workers hold over time\">",
        WIDTH, height, WIDTH, height);
    svg.append(STYLE);
    text(LEFT, 22, "title", "start", "What the workers hold over " + (until - from) / 1000 + " s");
    int y = TOP;
    for (Map.Entry<String, ToDoubleFunction<Sample>> panel : panels.entrySet()) {
      panel(panel.getKey(), panel.getValue(), y);
      y += PANEL + GAP;
    }
    add("</svg>");
    return svg.toString();
  }

  private void panel(String name, ToDoubleFunction<Sample> value, int top) {
    double max = Math.max(1, samples.stream().mapToDouble(value).max().orElse(1)) * 1.1;
    text(LEFT, top + 10, "", "start", name);
    for (int i = 0; i <= 2; i++) {
      int y = top + 20 + PANEL - PANEL * i / 2;
      add("<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", LEFT, y, WIDTH - 20, y);
      text(LEFT - 6, y + 4, "", "end", String.format(Locale.ROOT, "%.0f", max * i / 2));
    }
    samples.stream()
        .collect(Collectors.groupingBy(Sample::pid, LinkedHashMap::new, Collectors.toList()))
        .values()
        .forEach(process -> line(process, value, max, top + 20));
  }

  private void line(List<Sample> process, ToDoubleFunction<Sample> value, double max, int top) {
    String points =
        process.stream()
            .map(
                sample ->
                    String.format(
                        Locale.ROOT,
                        "%.1f,%.1f",
                        LEFT + (double) (WIDTH - 20 - LEFT) * (sample.at() - from) / (until - from),
                        top + PANEL * (1 - Math.max(0, value.applyAsDouble(sample)) / max)))
            .collect(Collectors.joining(" "));
    add("<polyline class=\"line\" points=\"%s\"/>", points);
  }

  private void text(int x, int y, String style, String anchor, String words) {
    add(
        "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>",
        style, x, y, anchor, words);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
