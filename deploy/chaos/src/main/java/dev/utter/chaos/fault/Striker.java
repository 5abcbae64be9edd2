package dev.utter.chaos.fault;

import dev.utter.chaos.check.Bounds;
import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.History;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Carries out the faults of a schedule one after another, and measures how long the requests take
 * to end after each.
 */
public final class Striker {
  private final Stage stage;
  private final History history;
  private final Consumer<String> progress;

  /** Requests without an outcome long after a fault. They are not waited for again. */
  private final Set<String> givenUp = new HashSet<>();

  /** Carries out faults on a stage. */
  public Striker(Stage stage, History history, Consumer<String> progress) {
    this.stage = stage;
    this.history = history;
    this.progress = progress;
  }

  /**
   * Carries out one fault, and then waits until all requests published before its end have an
   * outcome.
   *
   * @param number in the schedule, from 1
   */
  public void strike(Schedule.Planned fault, int number) throws Exception {
    Strike strike = new Strike(fault.kind(), number, fault.seed(), history);
    progress.accept("fault " + number + ": " + fault.kind().words());
    String target = fault.kind().action().strike(stage, strike);
    strike.ended(target);
    long ended = System.nanoTime();
    Set<String> waiting = stage.open().snapshot();
    waiting.removeAll(givenUp);
    Set<String> left = stage.open().await(waiting, Bounds.DRAIN.toMillis());
    givenUp.addAll(left);
    long millis = (System.nanoTime() - ended) / 1_000_000;
    history.add(new Entry.Drain(History.now(), number, millis, left.isEmpty(), left.size()));
    stage.recorder().requireReading();
    progress.accept(
        "  struck "
            + target
            + ", drained after "
            + millis
            + " ms"
            + (left.isEmpty() ? "" : ", but for " + left));
  }
}
