package dev.utter.worker.telemetry.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Meters by name and tags: names and values of tags in turn. A meter is registered at its first
 * use.
 *
 * <p>Threading: safe.
 */
final class Meters {
  /**
   * The last bound of a histogram. A quantile never exceeds it, and a long clip on a CPU takes
   * minutes.
   */
  private static final Duration LONGEST = Duration.ofMinutes(15);

  private final MeterRegistry registry;
  private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();

  Meters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Adds 1 to a counter. */
  void count(String name, String... tags) {
    counter(name, tags).increment();
  }

  Counter counter(String name, String... tags) {
    return Counter.builder(name).tags(tags).register(registry);
  }

  /** A timer with a histogram. */
  Timer timer(String name, String... tags) {
    return Timer.builder(name)
        .tags(tags)
        .publishPercentileHistogram()
        .maximumExpectedValue(LONGEST)
        .register(registry);
  }

  /** A gauge that shows the last value that was set. */
  AtomicLong gauge(String name, String... tags) {
    return gauges.computeIfAbsent(
        name + String.join(",", tags),
        key -> {
          AtomicLong value = new AtomicLong();
          Gauge.builder(name, value, AtomicLong::get)
              .tags(tags)
              .strongReference(true)
              .register(registry);
          return value;
        });
  }

  /** A record of this topic went to the dead letters. */
  void deadLetter(String topic) {
    count("utter.dead.letters", "topic", topic);
  }

  /** A duration in seconds. */
  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
