package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.telemetry.WorkerMetrics;
import java.time.Duration;
import java.util.Optional;

/** A Kafka Streams stage as part of the worker. */
final class StagePart implements Part {
  private final StageRunner runner;
  private final WorkerMetrics metrics;

  StagePart(StageRunner runner, WorkerMetrics metrics) {
    this.runner = requireNonNull(runner, "runner is null");
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
  }

  @Override
  public Optional<String> waitingFor() {
    return runner.isRunning()
        ? Optional.empty()
        : Optional.of("its Kafka Streams client is " + runner.streams().state());
  }

  @Override
  public boolean close(Duration limit) {
    runner.close();
    return true;
  }
}
