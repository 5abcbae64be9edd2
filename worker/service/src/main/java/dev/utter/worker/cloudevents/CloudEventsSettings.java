package dev.utter.worker.cloudevents;

import static dev.utter.worker.settings.source.SettingType.flag;
import static dev.utter.worker.settings.source.SettingType.text;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.util.regex.Pattern;

/** Settings of the headers of outcomes; section {@code cloudEvents}. */
public record CloudEventsSettings(boolean enabled, String source) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("cloudEvents", "CloudEvents");

  /** A part of what RFC 3986 allows: it needs no escape in any protocol. */
  private static final Pattern SOURCE = Pattern.compile("[A-Za-z0-9._~:/-]{1,128}");

  private static final Setting<Boolean> ENABLED =
      GROUP.everyday(
          "enabled",
          flag(),
          false,
          "whether completed, failed and verified events have the headers of CloudEvents; see"
              + " [events](events.md#cloudevents)");

  private static final Setting<String> SOURCE_NAME =
      GROUP.advanced(
          "source",
          text()
              .must(
                  "1 to 128 of A-Z a-z 0-9 . _ ~ : / -", value -> SOURCE.matcher(value).matches()),
          "/utter",
          "`ce_source`: the installation; the same for all workers");

  /** Checks both. */
  public CloudEventsSettings {
    ENABLED.check(enabled);
    SOURCE_NAME.check(source);
  }

  /** The defaults. */
  public static CloudEventsSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static CloudEventsSettings read(SettingsSource source) {
    return new CloudEventsSettings(source.get(ENABLED), source.get(SOURCE_NAME));
  }
}
