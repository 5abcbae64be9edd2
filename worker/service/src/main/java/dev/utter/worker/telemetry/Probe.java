package dev.utter.worker.telemetry;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.threads.NamedThreads;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Checks at intervals whether something answers, and remembers the result, so that a health check
 * costs nothing however often it comes. An attempt without an answer for {@link #SILENCE} counts as
 * failed while it still waits.
 *
 * <p>Threading: safe; the attempts run on a thread of its own.
 */
public final class Probe implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final NamedThreads probes = NamedThreads.daemons("utter-probe");
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(probes);
  private final Runnable attempt;
  private final Clock clock;
  private volatile Optional<String> failure = Optional.of("not tried yet");
  private volatile Optional<Instant> underWaySince = Optional.empty();

  /** Starts to try; the interval is from the end of one attempt to the start of the next. */
  public Probe(Runnable attempt, Duration interval, Clock clock) {
    this.attempt = requireNonNull(attempt, "attempt is null");
    this.clock = requireNonNull(clock, "clock is null");
    thread.scheduleWithFixedDelay(this::run, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why the last attempt failed, or that the one under way has no answer; empty if all is well. */
  public Optional<String> failure() {
    Optional<String> last = failure;
    return last.isPresent()
        ? last
        : underWaySince
            .filter(since -> since.plus(SILENCE).isBefore(clock.instant()))
            .map(since -> "no answer since " + since);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    probes.join(PATIENCE);
  }

  private void run() {
    underWaySince = Optional.of(clock.instant());
    try {
      attempt.run();
      failure = Optional.empty();
    } catch (RuntimeException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    } finally {
      underWaySince = Optional.empty();
    }
  }
}
