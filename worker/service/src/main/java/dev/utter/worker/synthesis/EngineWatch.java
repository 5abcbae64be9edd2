package dev.utter.worker.synthesis;

import dev.utter.speech.EngineStatistics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Notices an engine that has utterances and makes neither a step nor a frame: a native call that
 * does not come back. {@link #look} is to be called now and then. Thread-safe.
 */
final class EngineWatch {
  private final Supplier<EngineStatistics> statistics;
  private final Duration limit;
  private final Clock clock;
  private long lastCount = -1;
  private Instant lastMove;

  EngineWatch(Supplier<EngineStatistics> statistics, Duration limit, Clock clock) {
    this.statistics = statistics;
    this.limit = limit;
    this.clock = clock;
    this.lastMove = clock.instant();
  }

  /** Looks at what the engine has done by now. */
  synchronized void look() {
    EngineStatistics now = statistics.get();
    long count = now.steps() + now.frames();
    boolean idle = now.running() + now.prefilling() + now.waiting() == 0;
    if (idle || count != lastCount) {
      lastCount = count;
      lastMove = clock.instant();
    }
  }

  /** Why the engine counts as hung; empty if it does not. */
  synchronized Optional<String> hung() {
    return lastMove.isBefore(clock.instant().minus(limit))
        ? Optional.of("the engine has utterances and has made no frame since " + lastMove)
        : Optional.empty();
  }
}
