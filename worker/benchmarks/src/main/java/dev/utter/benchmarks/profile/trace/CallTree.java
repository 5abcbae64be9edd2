package dev.utter.benchmarks.profile.trace;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Which call was made by which, found by their times: a call lies within its caller. */
public final class CallTree {

  /** A call among the others. */
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

    /** The call of the program that this one serves, which no other call made. */
    Node root() {
      return caller == null ? this : caller.root();
    }

    /** Time of this call without what it called. */
    public double selfMicros() {
      return Math.max(0, call.durationMicros() - calledMicros);
    }

    /** Whether the program itself made this call, and not another operator. */
    public boolean isOutermost() {
      return !call.isFunction() && (caller == null || caller.call.isFunction());
    }

    /** Whether numbers are computed or moved here and not in an operator called from here. */
    public boolean isWork() {
      return Operators.works(call) && !callsWork;
    }
  }

  private CallTree() {}

  /** All calls, callers before what they called. */
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
