package dev.utter.benchmarks.profile.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The tree of calls, found by their times: a call lies within its caller. */
public final class CallTree {

  /** A call in the tree. */
  public static final class Node {
    private final Call call;
    private final Node caller;
    private double calledMicros;
    private boolean callsWork;

    private Node(Call call, Node caller) {
      this.call = call;
      this.caller = caller;
    }

    public Call call() {
      return call;
    }

    Optional<Node> caller() {
      return Optional.ofNullable(caller);
    }

    /** The outermost call above this one, which the program made. */
    Node root() {
      return caller == null ? this : caller.root();
    }

    /** Time of this call without the calls below it. */
    public double selfMicros() {
      return Math.max(0, call.durationMicros() - calledMicros);
    }

    /** Whether the program made this call directly. */
    public boolean isOutermost() {
      return !call.isFunction() && (caller == null || caller.call.isFunction());
    }

    /** Whether this operator computes or moves numbers, and none that it calls does. */
    public boolean isWork() {
      return Operators.works(call) && !callsWork;
    }
  }

  private CallTree() {}

  /** All calls; a caller comes before the calls that it made. */
  public static List<Node> of(List<Call> calls) {
    List<Call> ordered = new ArrayList<>(calls);
    ordered.sort(
        Comparator.comparingLong(Call::thread)
            .thenComparingDouble(Call::startMicros)
            .thenComparing(Comparator.comparingDouble(Call::durationMicros).reversed()));
    List<Node> nodes = new ArrayList<>();
    Deque<Node> open = new ArrayDeque<>();
    for (Call call : ordered) {
      while (!open.isEmpty() && !encloses(open.peek().call, call)) {
        open.pop();
      }
      Node node = new Node(call, open.peek());
      if (node.caller != null) {
        node.caller.calledMicros += call.durationMicros();
        node.caller.callsWork |= Operators.works(call);
      }
      nodes.add(node);
      open.push(node);
    }
    return nodes;
  }

  private static boolean encloses(Call outer, Call inner) {
    return outer.thread() == inner.thread() && inner.startMicros() < outer.endMicros();
  }
}
