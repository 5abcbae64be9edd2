package dev.utter.benchmarks.profile;

import dev.utter.benchmarks.profile.trace.Call;
import dev.utter.benchmarks.profile.trace.CallTree;
import dev.utter.benchmarks.profile.trace.CallTree.Node;
import dev.utter.benchmarks.profile.trace.Category;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls of the recorded steps, and the time of each kind of call. The time of a call excludes the
 * calls that it makes, so that the times add up to the whole. All figures are per step.
 *
 * @param operators calls of operators that the program makes directly
 * @param calls these calls and all calls below them
 * @param kernels operators that compute or move numbers and call no operator that does; on a GPU,
 *     one or a few kernels each
 * @param categories time by category
 * @param heaviest time by operator or function, the longest first
 */
record StepProfile(
    double operators,
    double calls,
    double kernels,
    Map<Category, Share> categories,
    List<Share> heaviest) {

  /**
   * A share of the step.
   *
   * @param name what is counted
   * @param calls how many
   * @param micros their time without the calls below them, in total
   * @param share of all calls' time
   */
  record Share(String name, double calls, double micros, double share) {}

  private static final class Sum {
    private long calls;
    private double micros;

    private void add(Node node) {
      calls++;
      micros += node.selfMicros();
    }

    private Share share(String name, int steps, double allMicros) {
      return new Share(name, (double) calls / steps, micros / steps, micros / allMicros);
    }
  }

  /**
   * Adds up.
   *
   * @param calls of the recorded steps
   * @param steps how many those are
   */
  static StepProfile of(List<Call> calls, int steps) {
    List<Node> nodes = CallTree.of(calls);
    Map<Category, Sum> byCategory = new EnumMap<>(Category.class);
    Map<String, Sum> byName = new HashMap<>();
    for (Node node : nodes) {
      byCategory.computeIfAbsent(Category.of(node), any -> new Sum()).add(node);
      byName.computeIfAbsent(node.call().name(), any -> new Sum()).add(node);
    }
    double all = nodes.stream().mapToDouble(Node::selfMicros).sum();
    Map<Category, Share> categories = new EnumMap<>(Category.class);
    for (Category category : Category.values()) {
      Sum sum = byCategory.getOrDefault(category, new Sum());
      categories.put(category, sum.share(category.name(), steps, all));
    }
    List<Share> heaviest =
        byName.entrySet().stream()
            .map(one -> one.getValue().share(one.getKey(), steps, all))
            .sorted(Comparator.comparingDouble(Share::micros).reversed())
            .toList();
    return new StepProfile(
        (double) nodes.stream().filter(Node::isOutermost).count() / steps,
        (double) nodes.stream().filter(node -> !node.call().isFunction()).count() / steps,
        (double) nodes.stream().filter(Node::isWork).count() / steps,
        categories,
        heaviest);
  }

  /** Time of all calls of one recorded step. Recording makes a step longer. */
  double recordedMicros() {
    return categories.values().stream().mapToDouble(Share::micros).sum();
  }
}
