package dev.utter.worker.telemetry.log;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsSource;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the log; section {@code log}. */
public record LogSettings(Optional<Path> levelFile) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("log", "Log");

  private static final Setting<Path> LEVEL_FILE =
      GROUP.advanced(
          "levelFile",
          SettingType.path(),
          SettingDefault.otherwise("none: levels do not change while a worker runs"),
          "file with levels of the log, read again when it changes; see"
              + " [operations](operations.md#log)");

  /** Checks that nothing is missing. */
  public LogSettings {
    requireNonNull(levelFile, "levelFile is null");
  }

  /** Reads the settings. */
  public static LogSettings read(SettingsSource source) {
    return new LogSettings(source.find(LEVEL_FILE));
  }
}
