package dev.utter.worker.telemetry;

import static dev.utter.worker.settings.source.SettingType.integer;
import static dev.utter.worker.settings.source.SettingType.textNotBlank;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;

/** Where health and metrics are served; section {@code http}. */
public record HttpSettings(String address, int port) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("http", "Health and metrics");

  private static final Setting<String> ADDRESS =
      GROUP.advanced(
          "address", textNotBlank(), "0.0.0.0", "address on which health and metrics are served");

  private static final Setting<Integer> PORT =
      GROUP.everyday(
          "port",
          integer(0, 65_535),
          8080,
          "port on which health and metrics are served; 0 for any that is free");

  /** Checks both values. */
  public HttpSettings {
    ADDRESS.check(address);
    PORT.check(port);
  }

  /** The defaults. */
  public static HttpSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static HttpSettings read(SettingsSource source) {
    return new HttpSettings(source.get(ADDRESS), source.get(PORT));
  }
}
