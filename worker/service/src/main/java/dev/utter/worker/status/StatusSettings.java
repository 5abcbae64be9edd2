package dev.utter.worker.status;

import static dev.utter.worker.settings.source.SettingType.positiveDuration;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;

/** Settings of the status stage; section {@code status}. */
public record StatusSettings(Duration retention) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("status", "Status");

  private static final Setting<Duration> RETENTION =
      GROUP.advanced(
          "retention",
          positiveDuration(),
          Duration.ofDays(30),
          "how long a row is kept after its last change; a tombstone follows");

  /** Checks. */
  public StatusSettings {
    RETENTION.check(retention);
  }

  /** The defaults. */
  public static StatusSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static StatusSettings read(SettingsSource source) {
    return new StatusSettings(source.get(RETENTION));
  }
}
