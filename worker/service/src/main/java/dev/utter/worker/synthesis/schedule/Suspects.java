package dev.utter.worker.synthesis.schedule;

import static dev.utter.worker.rules.SettingRules.requirePositive;

import java.time.Duration;

/**
 * When requests run that were under way when a worker died.
 *
 * @param waits how long one lets others go first, and how long others may go first after one
 * @param alone how long one runs with nothing beside it
 * @param drain how long nothing begins because one waits for those that run
 */
public record Suspects(Duration waits, Duration alone, Duration drain) {
  /** 10 s, 10 s and 2 min: longer than the longest clip takes. */
  public static final Suspects DEFAULT =
      new Suspects(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofMinutes(2));

  /** Checks. */
  public Suspects {
    requirePositive("suspectWait", waits);
    requirePositive("suspectAlone", alone);
    requirePositive("suspectDrain", drain);
  }
}
