package dev.utter.benchmarks.profile;

import dev.utter.benchmarks.measure.Numbers;
import dev.utter.benchmarks.profile.StepProfile.Share;
import dev.utter.benchmarks.profile.trace.CallTree;
import dev.utter.benchmarks.profile.trace.CallTree.Node;
import dev.utter.benchmarks.profile.trace.Category;
import dev.utter.benchmarks.profile.trace.DeviceWork;
import dev.utter.benchmarks.profile.trace.DeviceWork.Kind;
import dev.utter.benchmarks.profile.trace.Kernels;
import dev.utter.benchmarks.profile.trace.Launches;
import dev.utter.benchmarks.profile.trace.RuntimeCall;
import dev.utter.benchmarks.profile.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Work of a GPU for the recorded steps. All figures are per step; times are those of the GPU's
 * clock.
 *
 * @param kernels kernels that ran
 * @param launches calls that launched kernels; fewer than kernels where graphs are launched
 * @param copies copies by kind, including fills
 * @param synchronisations how often the processor waited for the GPU
 * @param busyMicros time during which the GPU ran something
 * @param spanMicros time from the first to the last work of each call of the program, summed over
 *     the calls
 * @param categories kernels, copies and fills by category
 * @param gaps idle times between two pieces of work of one call of the program
 */
record DeviceProfile(
    double kernels,
    double launches,
    Map<Kind, Double> copies,
    double synchronisations,
    double busyMicros,
    double spanMicros,
    Map<Category, Share> categories,
    Gaps gaps) {

  /** Copies of a kind per step; 0 if the trace has none. */
  double copies(Kind kind) {
    return copies.getOrDefault(kind, 0.0);
  }

  /**
   * Operators of these categories launch kernels of several categories, above all the launch of a
   * graph.
   */
  private static final Set<Category> AMBIGUOUS =
      EnumSet.of(Category.PROGRAM, Category.VIEWS, Category.OTHER);

  /**
   * Idle times between one kernel, copy or fill and the next. There is no gap where they overlap or
   * touch.
   *
   * @param count how many
   * @param micros their sum
   * @param share of the span
   * @param medianMicros median
   * @param p95Micros exceeded by one in twenty
   */
  record Gaps(double count, double micros, double share, double medianMicros, double p95Micros) {}

  private static final class Sum {
    private long count;
    private double micros;
  }

  /** Collects idle times and spans, one call of the program after the other. */
  private static final class Timeline {
    private final List<Double> gaps = new ArrayList<>();
    private double busy;
    private double span;
    private double busyUntil = Double.NEGATIVE_INFINITY;
    private Optional<Node> current = Optional.empty();

    private void add(DeviceWork work, Optional<Node> root) {
      boolean same = root.isPresent() && root.equals(current);
      double begin = Math.max(work.startMicros(), busyUntil);
      double from = same ? busyUntil : begin;
      busyUntil = Math.max(busyUntil, work.endMicros());
      busy += busyUntil - begin;
      span += busyUntil - from;
      current = root;
      if (same) {
        gaps.add(begin - from);
      }
    }
  }

  /**
   * Adds up the trace; empty if no device did any work.
   *
   * @param steps how many were recorded
   */
  static Optional<DeviceProfile> of(Trace trace, int steps) {
    if (trace.deviceWork().isEmpty()) {
      return Optional.empty();
    }
    Launches launches = new Launches(CallTree.of(trace.calls()), trace.runtimeCalls());
    List<DeviceWork> ordered = new ArrayList<>(trace.deviceWork());
    ordered.sort(Comparator.comparingDouble(DeviceWork::startMicros));
    Timeline timeline = new Timeline();
    Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
    Map<Category, Sum> byCategory = new EnumMap<>(Category.class);
    for (DeviceWork work : ordered) {
      timeline.add(work, launches.root(work));
      kinds.merge(work.kind(), 1L, Long::sum);
      Sum sum = byCategory.computeIfAbsent(category(work, launches), any -> new Sum());
      sum.count++;
      sum.micros += work.durationMicros();
    }
    return Optional.of(
        new DeviceProfile(
            (double) kinds.getOrDefault(Kind.KERNEL, 0L) / steps,
            count(trace, RuntimeCall::isLaunch) / steps,
            copies(kinds, steps),
            count(trace, RuntimeCall::isSynchronisation) / steps,
            timeline.busy / steps,
            timeline.span / steps,
            shares(byCategory, steps),
            gaps(timeline, steps)));
  }

  private static Category category(DeviceWork work, Launches launches) {
    if (work.kind() != Kind.KERNEL) {
      return Category.COPIES;
    }
    return launches
        .operator(work)
        .map(Category::of)
        .filter(category -> !AMBIGUOUS.contains(category))
        .orElseGet(() -> Kernels.usual(work.name()));
  }

  private static double count(Trace trace, Predicate<RuntimeCall> condition) {
    return trace.runtimeCalls().stream().filter(condition).count();
  }

  private static Map<Kind, Double> copies(Map<Kind, Long> kinds, int steps) {
    Map<Kind, Double> copies = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      if (kind != Kind.KERNEL) {
        copies.put(kind, (double) kinds.getOrDefault(kind, 0L) / steps);
      }
    }
    return copies;
  }

  private static Map<Category, Share> shares(Map<Category, Sum> sums, int steps) {
    double all = sums.values().stream().mapToDouble(sum -> sum.micros).sum();
    Map<Category, Share> shares = new EnumMap<>(Category.class);
    sums.forEach(
        (category, sum) ->
            shares.put(
                category,
                new Share(
                    category.name(),
                    (double) sum.count / steps,
                    sum.micros / steps,
                    all == 0 ? 0 : sum.micros / all)));
    return shares;
  }

  private static Gaps gaps(Timeline timeline, int steps) {
    double[] gaps = timeline.gaps.stream().mapToDouble(Double::doubleValue).toArray();
    if (gaps.length == 0) {
      return new Gaps(0, 0, 0, 0, 0);
    }
    double sum = Arrays.stream(gaps).sum();
    return new Gaps(
        (double) gaps.length / steps,
        sum / steps,
        timeline.span == 0 ? 0 : sum / timeline.span,
        Numbers.percentile(gaps, 0.5),
        Numbers.percentile(gaps, 0.95));
  }
}
