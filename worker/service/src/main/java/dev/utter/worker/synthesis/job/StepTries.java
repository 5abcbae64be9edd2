package dev.utter.worker.synthesis.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How often one step of one job failed in a way that may pass, and for how long only this job
 * failed.
 */
public final class StepTries {
  private int failures;
  private @Nullable Instant last;
  private Duration inVain = Duration.ZERO;

  /** One more failure; gives the time of the one before, if there was one. */
  public synchronized Optional<Instant> failed(Instant now) {
    Optional<Instant> before = Optional.ofNullable(last);
    failures++;
    last = now;
    return before;
  }

  public synchronized int failures() {
    return failures;
  }

  /** Others were served in this time, and the job was not. */
  public synchronized void waitedInVain(Duration time) {
    inVain = inVain.plus(time);
  }

  public synchronized Duration inVain() {
    return inVain;
  }
}
