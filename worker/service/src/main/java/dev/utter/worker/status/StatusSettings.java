package dev.utter.worker.status;

import java.time.Duration;

/**
 * Settings of the status stage.
 *
 * @param retention how long a row is kept after its last change; a tombstone follows; default 30
 *     days
 * @param expiryInterval how often a part of the rows is looked through; default 1 minute
 */
public record StatusSettings(Duration retention, Duration expiryInterval) {

  /** The defaults. */
  public static final StatusSettings DEFAULT =
      new StatusSettings(Duration.ofDays(30), Duration.ofMinutes(1));

  /** Checks that both are above zero. */
  public StatusSettings {
    checkPositive("status.retention", retention);
    checkPositive("status.expiryInterval", expiryInterval);
  }

  private static void checkPositive(String name, Duration duration) {
    if (duration == null || duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " is " + duration + ", must be above zero");
    }
  }
}
