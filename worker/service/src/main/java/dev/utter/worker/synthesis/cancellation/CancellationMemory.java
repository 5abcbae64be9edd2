package dev.utter.worker.synthesis.cancellation;

import static dev.utter.worker.rules.SettingRules.requireAtLeast1;
import static dev.utter.worker.rules.SettingRules.requirePositive;

import java.time.Duration;

/**
 * How much is remembered of cancellations.
 *
 * @param maxBytes memory; beyond it the oldest are forgotten, with an error in the log
 * @param retention how long each is remembered; best as long as admission remembers ids
 */
public record CancellationMemory(long maxBytes, Duration retention) {
  /** 64 MiB, about 400,000 of them, for 7 days. */
  public static final CancellationMemory DEFAULT =
      new CancellationMemory(64L << 20, Duration.ofDays(7));

  /** Checks. */
  public CancellationMemory {
    requireAtLeast1("cancellationBytes", maxBytes);
    requirePositive("cancellationRetention", retention);
  }
}
