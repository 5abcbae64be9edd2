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
 * that is larger opens only when it is the only one of them. While a pass finds no memory, no less
 * urgent one opens. Once other lanes have made seven times its steps meanwhile, none of them opens
 * a further pass before it. So it has an eighth of the steps in the long run, as if it had memory.
 * An interactive pass never waits for memory.
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

    /** Steps of others while its first pass could not open, less those that it was let in for. */
    private long stepsWaited;

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

    /** Whether it has a pass that is not open. */
    boolean waits() {
      return open.isEmpty() && first().isPresent();
    }

    private boolean mayOpen(P pass) {
      return priority == PassPriority.INTERACTIVE
          || (fits(pass) && lanes.stream().noneMatch(other -> other.goesBefore(this)));
    }

    private boolean fits(P pass) {
      long held = heldByOthers();
      return held == 0 || held + pass.bytes() <= limitBytes;
    }

    /** Whether its first pass is to be opened before another lane opens one. */
    private boolean goesBefore(Lane other) {
      if (this == other || priority == PassPriority.INTERACTIVE || !waits()) {
        return false;
      }
      boolean moreUrgent = priority.compareTo(other.priority) < 0;
      return other.isOwed() ? isOwed() && moreUrgent : isOwed() || (moreUrgent && !fits());
    }

    private boolean fits() {
      return first().map(this::fits).orElse(true);
    }

    private boolean isOwed() {
      return first().map(pass -> stepsWaited >= priceOf(pass)).orElse(false);
    }

    /** Steps of others after which a pass that waits is the next to open. */
    private static long priceOf(Pass<?> pass) {
      return (long) STEPS_IN_A_ROW * pass.stepsLeft();
    }

    P next() {
      if (open.isEmpty()) {
        P pass = checks.isEmpty() ? marks.remove() : checks.remove();
        stepsWaited = Math.max(0, stepsWaited - priceOf(pass));
        open = Optional.of(pass);
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
    P pass = chosen.next();
    lanes.stream()
        .filter(lane -> lane.waits() && !lane.canStep())
        .forEach(lane -> lane.stepsWaited++);
    return Optional.of(pass);
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
