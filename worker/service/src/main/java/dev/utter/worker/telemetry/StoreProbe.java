package dev.utter.worker.telemetry;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.threads.NamedThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tries every now and then whether something answers, and remembers how it went, so that a health
 * check costs nothing however often it comes.
 *
 * <p>Threading: safe; the attempts run on a thread of its own.
 */
public final class StoreProbe implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NamedThreads probes = NamedThreads.daemons("utter-probe");
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(probes);
  private final Runnable attempt;
  private volatile Optional<String> failure = Optional.of("not tried yet");

  /** Starts to try. */
  public StoreProbe(Runnable attempt, Duration interval) {
    this.attempt = requireNonNull(attempt, "attempt is null");
    thread.scheduleWithFixedDelay(this::run, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why the last attempt failed; empty if it did not. */
  public Optional<String> failure() {
    return failure;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    probes.join(PATIENCE);
  }

  private void run() {
    try {
      attempt.run();
      failure = Optional.empty();
    } catch (RuntimeException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
