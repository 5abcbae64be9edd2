package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.synthesis.SynthesisWorker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Synthesis as part of the worker. */
final class SynthesisPart implements Part {
  /** Longer than an iteration of the intake's loop, which makes at most one call to the broker. */
  private static final Duration LATE = Duration.ofMinutes(1);

  private static final Duration HUNG = Duration.ofMinutes(5);

  private final SynthesisWorker worker;
  private final Consumer<WorkerBrokenException> broken;

  SynthesisPart(SynthesisWorker worker, Consumer<WorkerBrokenException> broken) {
    this.worker = requireNonNull(worker, "worker is null");
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
    return late(LATE)
        .map(since -> "the intake, whose loop last ran " + since.toSeconds() + " s ago")
        .or(worker::waitingFor);
  }

  @Override
  public Optional<String> hung() {
    return late(HUNG)
        .filter(since -> worker.isReady())
        .map(since -> "the intake's loop has not run for " + since.toSeconds() + " s")
        .or(worker::hung);
  }

  @Override
  public void drain() {
    worker.drain();
  }

  @Override
  public int unfinished() {
    return worker.unfinished();
  }

  @Override
  public boolean close(Duration limit) {
    worker.close(limit);
    return worker.nativeWorkEnded();
  }

  /** Time since the last iteration of the intake's loop; empty if it is within the limit. */
  private Optional<Duration> late(Duration limit) {
    return worker.sinceLastIteration().filter(since -> since.compareTo(limit) > 0);
  }

  private void onEnd(@Nullable Throwable failure) {
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
