package dev.utter.benchmarks.profile.trace;

import dev.utter.benchmarks.profile.trace.CallTree.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds the operator that started work of a device, and the call of the program above it. */
public final class Launches {
  private final Map<Long, Node> operators = new HashMap<>();
  private final Map<Long, RuntimeCall> runtimeCalls = new HashMap<>();
  private final Map<Long, TreeMap<Double, Node>> roots = new HashMap<>();

  public Launches(List<Node> nodes, List<RuntimeCall> calls) {
    for (Node node : nodes) {
      if (node.call().id() != Call.NONE) {
        operators.put(node.call().id(), node);
      }
      if (node.caller().isEmpty()) {
        roots
            .computeIfAbsent(node.call().thread(), any -> new TreeMap<>())
            .put(node.call().startMicros(), node);
      }
    }
    for (RuntimeCall call : calls) {
      if (call.correlation() != Call.NONE) {
        runtimeCalls.put(call.correlation(), call);
      }
    }
  }

  /**
   * The operator that the work refers to, else the one of the call that started it; empty if the
   * trace has neither.
   */
  public Optional<Node> operator(DeviceWork work) {
    Node operator = operators.get(work.operator());
    RuntimeCall order = runtimeCalls.get(work.correlation());
    if (operator == null && order != null) {
      operator = operators.get(order.operator());
    }
    return Optional.ofNullable(operator);
  }

  /** The outermost call in which the work was started, found by time where no operator is known. */
  public Optional<Node> root(DeviceWork work) {
    Optional<Node> operator = operator(work);
    RuntimeCall order = runtimeCalls.get(work.correlation());
    if (operator.isPresent() || order == null || !roots.containsKey(order.thread())) {
      return operator.map(Node::root);
    }
    return Optional.ofNullable(roots.get(order.thread()).floorEntry(order.startMicros()))
        .map(Map.Entry::getValue)
        .filter(root -> order.startMicros() < root.call().endMicros());
  }
}
