package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.synthesis.SynthesisWorker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Synthesis as part of the worker. */
final class SynthesisPart implements Part {
  /** A turn takes as long as one call to the broker at most. */
  private static final Duration LATE = Duration.ofMinutes(1);

  private static final Duration HUNG = Duration.ofMinutes(5);

  private final SynthesisWorker worker;
  private final Clock clock;
  private final Consumer<WorkerBrokenException> broken;

  SynthesisPart(SynthesisWorker worker, Clock clock, Consumer<WorkerBrokenException> broken) {
    this.worker = requireNonNull(worker, "worker is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.broken = requireNonNull(broken, "broken is null");
  }

  @Override
  public String name() {
    return "synthesis";
  }

  @Override
  public void start() {
    worker.start();
    worker.terminated().whenComplete((nothing, failure) -> onEnd(failure));
  }

  @Override
  public Optional<String> waitingFor() {
    if (!worker.isReady()) {
      return worker.waitingFor().or(() -> Optional.of("the first assignment"));
    }
    return isLate(LATE)
        ? Optional.of("the intake, last seen at " + worker.lastTurn())
        : worker.waitingFor();
  }

  @Override
  public Optional<String> hung() {
    return worker.isReady() && isLate(HUNG)
        ? Optional.of("the intake has not turned since " + worker.lastTurn())
        : worker.hung();
  }

  @Override
  public boolean close(Duration limit) {
    worker.close(limit);
    return worker.nativeWorkEnded();
  }

  private boolean isLate(Duration limit) {
    Instant last = worker.lastTurn();
    return last.isBefore(clock.instant().minus(limit));
  }

  private void onEnd(Throwable failure) {
    if (failure == null) {
      return;
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    broken.accept(
        cause instanceof WorkerBrokenException known
            ? known
            : new WorkerBrokenException("the intake ended: " + cause, cause));
  }
}
