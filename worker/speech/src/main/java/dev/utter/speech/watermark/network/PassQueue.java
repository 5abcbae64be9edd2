package dev.utter.speech.watermark.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Decides which pass makes the next step. The most urgent one does. At regular intervals a step
 * goes to the less urgent lane that has waited longest: every 32nd step while an interactive pass
 * has work, so that a person does not notice it, else every 8th. So each of the three lanes below
 * interactive gets at least one step in 96, and each of the two below normal one in 16. A lane that
 * waits alone gets all of these steps: verification beside one lane that marks, one in 8. Within a
 * lane, clips are checked before further ones are marked, so that a marked clip can be stored soon;
 * otherwise they come in their order.
 *
 * <p>A pass is open from its first step to its last. Each lane has one open pass at a time. An
 * interactive pass opens at once. The others together hold no more memory than the limit; a pass
 * that is larger opens only when it is the only one of them. So no clip waits for memory longer
 * than a pass of another lane takes, and an interactive one never does.
 *
 * <p>Threading: one thread at a time.
 *
 * @param <P> the passes
 */
final class PassQueue<P extends Pass<?>> {
  /** Steps in a row that go to interactive passes while others wait. */
  private static final int INTERACTIVE_STEPS_IN_A_ROW = 31;

  /** Steps in a row that go to the most urgent lane below interactive while others wait. */
  private static final int STEPS_IN_A_ROW = 7;

  /** Passes of one priority: one that is open, or none, and those that wait. */
  private final class Lane {
    private final PassPriority priority;
    private final Deque<P> checks = new ArrayDeque<>();
    private final Deque<P> marks = new ArrayDeque<>();
    private Optional<P> open = Optional.empty();
    private long servedAt;

    Lane(PassPriority priority) {
      this.priority = priority;
    }

    private Optional<P> first() {
      return Optional.ofNullable(checks.isEmpty() ? marks.peek() : checks.peek());
    }

    /** Whether it has a pass that may make a step now. */
    boolean canStep() {
      return open.isPresent() || first().map(this::mayOpen).orElse(false);
    }

    private boolean mayOpen(P pass) {
      if (priority == PassPriority.INTERACTIVE) {
        return true;
      }
      long held = heldByOthers();
      return held == 0 || held + pass.bytes() <= limitBytes;
    }

    P next() {
      if (open.isEmpty()) {
        open = Optional.of(checks.isEmpty() ? marks.remove() : checks.remove());
      }
      return open.get();
    }
  }

  private final List<Lane> lanes = new ArrayList<>();
  private long limitBytes;
  private long steps;
  private int inARow;

  PassQueue() {
    for (PassPriority priority : PassPriority.values()) {
      lanes.add(new Lane(priority));
    }
  }

  /** Raises how much the open passes of the lanes below interactive may hold together. */
  void allow(long bytes) {
    limitBytes = Math.max(limitBytes, bytes);
  }

  /** Adds a pass; {@code check} if it looks at a clip that is marked. */
  void add(P pass, PassPriority priority, boolean check) {
    Lane lane = lanes.get(priority.ordinal());
    (check ? lane.checks : lane.marks).add(pass);
  }

  /** The pass that makes the next step; empty if none is left. */
  Optional<P> next() {
    List<Lane> able = lanes.stream().filter(Lane::canStep).toList();
    if (able.isEmpty()) {
      return Optional.empty();
    }
    Lane chosen = able.get(0);
    if (able.size() == 1) {
      inARow = 0;
    } else if (inARow < stepsInARow(chosen.priority)) {
      inARow++;
    } else {
      inARow = 0;
      chosen =
          able.stream().skip(1).min(Comparator.comparingLong(lane -> lane.servedAt)).orElseThrow();
    }
    steps++;
    chosen.servedAt = steps;
    return Optional.of(chosen.next());
  }

  private static int stepsInARow(PassPriority priority) {
    return priority == PassPriority.INTERACTIVE ? INTERACTIVE_STEPS_IN_A_ROW : STEPS_IN_A_ROW;
  }

  /** Removes a pass that has made its last step or failed. */
  void ended(P pass) {
    for (Lane lane : lanes) {
      if (lane.open.filter(open -> open == pass).isPresent()) {
        lane.open = Optional.empty();
      }
    }
  }

  private long heldByOthers() {
    return lanes.stream()
        .filter(lane -> lane.priority != PassPriority.INTERACTIVE)
        .flatMap(lane -> lane.open.stream())
        .mapToLong(Pass::bytes)
        .sum();
  }
}
