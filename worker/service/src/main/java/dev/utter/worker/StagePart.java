package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.streams.StageActivity;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.telemetry.metrics.WorkerMetrics;
import java.time.Duration;
import java.util.Optional;

/** A Kafka Streams stage as part of the worker. */
final class StagePart implements Part {
  /** Longer than any record is without progress, with all its retries in place. */
  private static final Duration LONGEST_STANDSTILL = Duration.ofMinutes(10);

  private final StageRunner runner;
  private final StageActivity activity;
  private final WorkerMetrics metrics;

  StagePart(StageRunner runner, StageActivity activity, WorkerMetrics metrics) {
    this.runner = requireNonNull(runner, "runner is null");
    this.activity = requireNonNull(activity, "activity is null");
    this.metrics = requireNonNull(metrics, "metrics is null");
  }

  @Override
  public String name() {
    return runner.name();
  }

  @Override
  public void start() {
    runner.start();
    metrics.watch(runner.streams());
    metrics.watch(name(), activity);
  }

  @Override
  public Optional<String> waitingFor() {
    Optional<String> failure = runner.lastFailure();
    if (runner.isRunning() && failure.isEmpty()) {
      return Optional.empty();
    }
    String state = "its Kafka Streams client is " + runner.streams().state();
    return Optional.of(failure.map(why -> state + ", after: " + why).orElse(state));
  }

  @Override
  public Optional<String> hung() {
    Duration longest = activity.longestStandstill();
    return longest.compareTo(LONGEST_STANDSTILL) < 0
        ? Optional.empty()
        : Optional.of(
            "a thread of stage %s has made no progress with its record for %d s"
                .formatted(name(), longest.toSeconds()));
  }

  @Override
  public void drain() {
    runner.drain();
  }

  @Override
  public boolean close(Duration limit) {
    return runner.close(limit);
  }
}
