package dev.utter.chaos.report;

import dev.utter.chaos.history.Entry.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Change of the processes' resources over a run: for each process, the median of the second fifth
 * of its samples and that of the last fifth. The first fifth, the start, does not count.
 *
 * @param lines one for each process that was sampled often enough
 */
record Growth(List<Line> lines) {
  private static final int FIFTHS = 5;
  private static final double MEGABYTE = 1e6;

  /**
   * One process.
   *
   * @param worker its name
   * @param samples how many there are
   * @param heapMegabytes heap in use, early and late
   * @param residentMegabytes resident memory, early and late
   * @param descriptors open files, early and late
   * @param threads threads, early and late
   */
  record Line(
      String worker,
      int samples,
      Pair heapMegabytes,
      Pair residentMegabytes,
      Pair descriptors,
      Pair threads) {}

  /**
   * Two medians.
   *
   * @param early median of the second fifth
   * @param late median of the last fifth
   */
  record Pair(double early, double late) {}

  static Growth of(List<Sample> samples) {
    Map<String, List<Sample>> byProcess = new LinkedHashMap<>();
    for (Sample sample : samples) {
      byProcess
          .computeIfAbsent(sample.worker() + " " + sample.pid(), key -> new ArrayList<>())
          .add(sample);
    }
    return new Growth(
        byProcess.values().stream()
            .filter(process -> process.size() >= 2 * FIFTHS)
            .map(Growth::line)
            .toList());
  }

  private static Line line(List<Sample> process) {
    return new Line(
        process.get(0).worker(),
        process.size(),
        pair(process, sample -> sample.heapBytes() / MEGABYTE),
        pair(process, sample -> sample.residentBytes() / MEGABYTE),
        pair(process, Sample::descriptors),
        pair(process, Sample::threads));
  }

  private static Pair pair(List<Sample> process, ToDoubleFunction<Sample> value) {
    int fifth = process.size() / FIFTHS;
    return new Pair(
        median(process.subList(fifth, 2 * fifth), value),
        median(process.subList(process.size() - fifth, process.size()), value));
  }

  private static double median(List<Sample> part, ToDoubleFunction<Sample> value) {
    double[] sorted = part.stream().mapToDouble(value).sorted().toArray();
    return Math.round(sorted[sorted.length / 2] * 10) / 10.0;
  }
}
