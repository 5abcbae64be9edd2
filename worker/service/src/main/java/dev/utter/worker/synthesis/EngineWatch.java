package dev.utter.worker.synthesis;

import dev.utter.speech.EngineStatistics;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Detects an engine that has utterances and makes neither a step nor a frame: a native call that
 * does not return. {@link #look} must be called regularly. Thread-safe.
 */
final class EngineWatch {
  private final Supplier<EngineStatistics> statistics;
  private final Duration limit;
  private final LongSupplier nanos;
  private long lastCount = -1;
  private long lastMove;

  /**
   * A watch that has seen nothing yet.
   *
   * @param limit how long an engine may make no frame
   * @param nanos ticker in nanoseconds
   */
  EngineWatch(Supplier<EngineStatistics> statistics, Duration limit, LongSupplier nanos) {
    this.statistics = statistics;
    this.limit = limit;
    this.nanos = nanos;
    this.lastMove = nanos.getAsLong();
  }

  /** Looks at what the engine has done by now. */
  synchronized void look() {
    EngineStatistics now = statistics.get();
    long count = now.steps() + now.frames();
    boolean idle = now.running() + now.prefilling() + now.waiting() == 0;
    if (idle || count != lastCount) {
      lastCount = count;
      lastMove = nanos.getAsLong();
    }
  }

  /** Why the engine counts as hung; empty if it does not. */
  synchronized Optional<String> hung() {
    Duration still = Duration.ofNanos(nanos.getAsLong() - lastMove);
    return still.compareTo(limit) > 0
        ? Optional.of(
            "the engine has utterances and has made no frame for " + still.toSeconds() + " s")
        : Optional.empty();
  }
}
