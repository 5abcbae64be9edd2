package dev.utter.worker.settings;

import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.EndingSettings.Runaway;
import dev.utter.speech.ending.EndingSettings.Silence;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings of {@link EndingSettings}, which has their defaults and rules; section {@code
 * model.endings}.
 */
final class ModelEndings {
  private static final SettingGroup GENERAL = new SettingGroup("model.endings", "Model");
  private static final SettingGroup OF_SILENCE = new SettingGroup("model.endings.silence", "Model");
  private static final SettingGroup OF_RUNAWAY = new SettingGroup("model.endings.runaway", "Model");

  /** The settings. */
  static final List<SettingGroup> GROUPS = List.of(GENERAL, OF_SILENCE, OF_RUNAWAY);

  private static final Setting<Integer> REPEATED_FRAMES =
      GENERAL.advanced(
          "repeatedFrames",
          SettingType.integer(),
          EndingSettings.defaults().repeatedFrames(),
          "this number of equal frames in a row ends a clip; 0 for never");

  private static final Setting<Boolean> SILENCE_ENABLED =
      OF_SILENCE.advanced("enabled", SettingType.flag(), true, "whether long silence ends a clip");

  private static final Setting<Double> LEVEL =
      OF_SILENCE.advanced(
          "level",
          SettingType.decimal(),
          Silence.DEFAULT.level(),
          "decibels relative to full scale below which a frame is silent");

  private static final Setting<Duration> LONGEST =
      OF_SILENCE.advanced(
          "longest",
          SettingType.duration(),
          Silence.DEFAULT.longest(),
          "silence of this length ends a clip");

  private static final Setting<Duration> REMAINDER =
      OF_SILENCE.advanced(
          "remainder",
          SettingType.duration(),
          Silence.DEFAULT.remainder(),
          "how much of that silence is kept");

  private static final Setting<Boolean> RUNAWAY_ENABLED =
      OF_RUNAWAY.advanced(
          "enabled",
          SettingType.flag(),
          true,
          "whether a clip is ended that is longer than its text allows");

  private static final Setting<Duration> BASE =
      OF_RUNAWAY.advanced(
          "base", SettingType.duration(), Runaway.DEFAULT.base(), "what every text may take");

  private static final Setting<Duration> PER_TOKEN =
      OF_RUNAWAY.advanced(
          "perToken",
          SettingType.duration(),
          Runaway.DEFAULT.perToken(),
          "what each token of the text may take on top");

  private ModelEndings() {}

  static EndingSettings read(SettingsSource source) {
    return SettingsSource.checked(
        GENERAL,
        () -> new EndingSettings(source.get(REPEATED_FRAMES), silence(source), runaway(source)));
  }

  private static Optional<Silence> silence(SettingsSource source) {
    Silence settings =
        SettingsSource.checked(
            OF_SILENCE,
            () -> new Silence(source.get(LEVEL), source.get(LONGEST), source.get(REMAINDER)));
    return source.get(SILENCE_ENABLED) ? Optional.of(settings) : Optional.empty();
  }

  private static Optional<Runaway> runaway(SettingsSource source) {
    Runaway settings =
        SettingsSource.checked(
            OF_RUNAWAY, () -> new Runaway(source.get(BASE), source.get(PER_TOKEN)));
    return source.get(RUNAWAY_ENABLED) ? Optional.of(settings) : Optional.empty();
  }
}
