package dev.utter.worker.telemetry;

import dev.utter.speech.EngineStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The engine's statistics as meters; asked for whenever they are scraped. */
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
    state(registry, "parked", EngineStatistics::parked);
    counter(registry, "utter.engine.steps", EngineStatistics::steps);
    counter(registry, "utter.engine.frames", EngineStatistics::frames);
    counter(registry, "utter.engine.parkings", EngineStatistics::parkings);
    gauge(registry, "utter.engine.kv.pool.entries", engine -> engine.prefixes().entries());
    gauge(registry, "utter.engine.kv.pool.bytes", engine -> engine.prefixes().bytes());
    gauge(registry, "utter.engine.kv.pool.limit.bytes", engine -> engine.prefixes().limitBytes());
    counter(registry, "utter.engine.kv.pool.hits", engine -> engine.prefixes().hits());
    counter(registry, "utter.engine.kv.pool.misses", engine -> engine.prefixes().misses());
    counter(registry, "utter.engine.kv.pool.evictions", engine -> engine.prefixes().evictions());
    counter(
        registry,
        "utter.engine.kv.pool.reused.positions",
        engine -> engine.prefixes().reusedPositions());
    memory(registry, "caches", engine -> engine.memory().cacheBytes());
    memory(registry, "codec", engine -> engine.memory().codecBytes());
    memory(registry, "parked", engine -> engine.memory().parkedBytes());
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
