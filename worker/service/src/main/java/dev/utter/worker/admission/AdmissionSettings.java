package dev.utter.worker.admission;

import static dev.utter.worker.settings.source.SettingType.integer;
import static dev.utter.worker.settings.source.SettingType.positiveDuration;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;

/** Settings of admission; section {@code admission}. */
public record AdmissionSettings(int maxTextChars, int maxTopK, Duration retention) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("admission", "Admission");

  private static final Setting<Integer> MAX_TEXT_CHARS =
      GROUP.advanced(
          "maxTextChars",
          integer(1, 20_000),
          4000,
          "longest text of a request or of a context utterance, in UTF-16 units");

  /** The default is the codec's codebook as published. */
  private static final Setting<Integer> MAX_TOP_K =
      GROUP.advanced(
          "maxTopK",
          integer(1),
          2048,
          "largest top-k that a request may ask for: the size of the model's codebooks");

  private static final Setting<Duration> RETENTION =
      GROUP.advanced(
          "retention",
          positiveDuration(),
          Duration.ofDays(7),
          "how long the id of a request is remembered, and so how long a repetition is recognised");

  /** Checks every value. */
  public AdmissionSettings {
    MAX_TEXT_CHARS.check(maxTextChars);
    MAX_TOP_K.check(maxTopK);
    RETENTION.check(retention);
  }

  /** The defaults. */
  public static AdmissionSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static AdmissionSettings read(SettingsSource source) {
    return new AdmissionSettings(
        source.get(MAX_TEXT_CHARS), source.get(MAX_TOP_K), source.get(RETENTION));
  }
}
