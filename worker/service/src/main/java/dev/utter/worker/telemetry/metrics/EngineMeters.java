package dev.utter.worker.telemetry.metrics;

import dev.utter.speech.EngineStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The engine's statistics as meters; read at each scrape. */
final class EngineMeters implements MeterBinder {
  private final Supplier<EngineStatistics> statistics;

  EngineMeters(Supplier<EngineStatistics> statistics) {
    this.statistics = statistics;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "utter.engine.slots", EngineStatistics::slots);
    state(registry, "waiting", EngineStatistics::waiting);
    state(registry, "prefilling", EngineStatistics::prefilling);
    state(registry, "running", EngineStatistics::running);
    state(registry, "prefilled", EngineStatistics::prefilled);
    state(registry, "preempted", EngineStatistics::preempted);
    counter(registry, "utter.engine.steps", EngineStatistics::steps);
    counter(registry, "utter.engine.step.seconds", engine -> engine.stepNanos() / 1e9);
    counter(registry, "utter.engine.frames", EngineStatistics::frames);
    counter(registry, "utter.engine.preemptions", EngineStatistics::preemptions);
    gauge(registry, "utter.engine.prefix.cache.entries", engine -> engine.prefixes().entries());
    gauge(registry, "utter.engine.prefix.cache.bytes", engine -> engine.prefixes().bytes());
    gauge(
        registry,
        "utter.engine.prefix.cache.limit.bytes",
        engine -> engine.prefixes().limitBytes());
    counter(registry, "utter.engine.prefix.cache.hits", engine -> engine.prefixes().hits());
    counter(registry, "utter.engine.prefix.cache.misses", engine -> engine.prefixes().misses());
    counter(
        registry, "utter.engine.prefix.cache.evictions", engine -> engine.prefixes().evictions());
    counter(
        registry,
        "utter.engine.prefix.cache.reused.positions",
        engine -> engine.prefixes().reusedPositions());
    memory(registry, "caches", engine -> engine.memory().cacheBytes());
    memory(registry, "codec", engine -> engine.memory().codecBytes());
    memory(registry, "pending", engine -> engine.memory().pendingBytes());
    gauge(registry, "utter.engine.memory.budget.bytes", engine -> engine.memory().budgetBytes());
  }

  private void state(
      MeterRegistry registry, String state, ToDoubleFunction<EngineStatistics> value) {
    gauge(registry, "utter.engine.utterances", value, "state", state);
  }

  private void memory(
      MeterRegistry registry, String what, ToDoubleFunction<EngineStatistics> value) {
    gauge(registry, "utter.engine.memory.bytes", value, "what", what);
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      ToDoubleFunction<EngineStatistics> value,
      String... tags) {
    Gauge.builder(name, statistics, source -> value.applyAsDouble(source.get()))
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** Kept by the gauges, which hold the statistics strongly. */
  private void counter(
      MeterRegistry registry, String name, ToDoubleFunction<EngineStatistics> value) {
    FunctionCounter.builder(name, statistics, source -> value.applyAsDouble(source.get()))
        .register(registry);
  }
}
