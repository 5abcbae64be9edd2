package dev.utter.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs why a part is not ready, because the answers of {@link TelemetryServer} do not contain
 * reasons. A fault that ends within {@link #SETTLED} is not logged; a reason that changes gets one
 * every {@link #REPEATED} at most. How often health is asked for has no influence on it.
 *
 * <p>Threading: one thread.
 */
final class HealthLog {
  static final Duration SETTLED = Duration.ofSeconds(5);
  static final Duration REPEATED = Duration.ofSeconds(30);

  private static final Logger LOGGER = LoggerFactory.getLogger(HealthLog.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final String WHOLE = "live";

  private final Health health;
  private final LongSupplier nanos;
  private final Map<String, Waiting> waiting = new HashMap<>();
  private long lastLook;

  private static final class Waiting {
    private final long since;
    private @Nullable String logged;
    private long loggedAt;

    private Waiting(long since) {
      this.since = since;
    }
  }

  /**
   * Nothing is logged yet.
   *
   * @param nanos monotonic time in nanoseconds
   */
  HealthLog(Health health, LongSupplier nanos) {
    this.health = requireNonNull(health, "health is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
    lastLook = nanos.getAsLong() - INTERVAL.toNanos();
  }

  /** Looks at every part; calls within a second of the last look do nothing. */
  void look() {
    long now = nanos.getAsLong();
    if (now - lastLook < INTERVAL.toNanos()) {
      return;
    }
    lastLook = now;
    Map<String, Optional<String>> parts = new LinkedHashMap<>(health.parts());
    parts.put(WHOLE, health.broken());
    parts.forEach((part, reason) -> reason.ifPresent(why -> waits(part, why, now)));
    waiting
        .entrySet()
        .removeIf(
            entry ->
                parts.getOrDefault(entry.getKey(), Optional.empty()).isEmpty()
                    && ready(entry.getKey(), entry.getValue()));
  }

  private void waits(String part, String reason, long now) {
    Waiting entry = waiting.computeIfAbsent(part, name -> new Waiting(now));
    boolean due =
        entry.logged == null
            ? now - entry.since >= SETTLED.toNanos()
            : !entry.logged.equals(reason) && now - entry.loggedAt >= REPEATED.toNanos();
    if (due) {
      entry.logged = reason;
      entry.loggedAt = now;
      LOGGER
          .atWarn()
          .addKeyValue("part", part)
          .addKeyValue("reason", reason)
          .log("Part of the worker is not ready");
    }
  }

  private boolean ready(String part, Waiting entry) {
    if (entry.logged != null) {
      LOGGER.atInfo().addKeyValue("part", part).log("Part of the worker is ready again");
    }
    return true;
  }
}
