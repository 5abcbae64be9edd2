package dev.utter.worker.synthesis.schedule;

import static dev.utter.worker.settings.source.SettingType.positiveDuration;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;

/**
 * When requests run that were under way when a worker died; of section {@code synthesis}.
 *
 * @param waits how long one lets others go first, and how long others may go first after one
 * @param alone how long one runs with nothing beside it
 * @param drain how long nothing begins because one waits for those that run
 */
public record Suspects(Duration waits, Duration alone, Duration drain) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("synthesis", "Synthesis");

  private static final Setting<Duration> WAIT =
      GROUP.advanced(
          "suspectWait",
          positiveDuration(),
          Duration.ofSeconds(10),
          "how long others pass a request that was under way when a worker died");

  private static final Setting<Duration> ALONE =
      GROUP.advanced(
          "suspectAlone",
          positiveDuration(),
          Duration.ofSeconds(10),
          "how long such a request runs alone");

  /** Longer than the longest clip takes. */
  private static final Setting<Duration> DRAIN =
      GROUP.advanced(
          "suspectDrain",
          positiveDuration(),
          Duration.ofMinutes(2),
          "how long nothing begins until those before such a request are done");

  /** Checks. */
  public Suspects {
    WAIT.check(waits);
    ALONE.check(alone);
    DRAIN.check(drain);
  }

  /** Reads the settings. */
  public static Suspects read(SettingsSource source) {
    return new Suspects(source.get(WAIT), source.get(ALONE), source.get(DRAIN));
  }
}
