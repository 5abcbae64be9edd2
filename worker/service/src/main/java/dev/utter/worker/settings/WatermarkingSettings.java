package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.model.ModelSource;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.speech.watermark.WatermarkSettings.Precision;
import dev.utter.worker.settings.source.Secret;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the watermark; section {@code watermark}. {@link WatermarkSettings} has the defaults
 * and rules of strength and thresholds.
 *
 * @param source folder of the watermark's networks, name of published ones, or address in the store
 * @param keys the keys that clips are checked for; the first one marks
 * @param detection strength and thresholds
 */
public record WatermarkingSettings(ModelSource source, KeyRing keys, WatermarkSettings detection) {
  /** The settings. */
  static final SettingGroup GROUP = new SettingGroup("watermark", "Watermark");

  private static final WatermarkSettings DEFAULTS = WatermarkSettings.DEFAULT;

  private static final Setting<ModelSource> SOURCE =
      GROUP.everyday(
          "source",
          ModelSettings.MODEL,
          SettingDefault.otherwise(
              "`watermark` in the model's folder; required with any other model"),
          "SilentCipher's networks: their folder, `sony/silentcipher` from the cache of the hub, or"
              + " `s3://bucket/prefix`");

  private static final Setting<List<Secret.Named>> KEYS =
      GROUP.everyday(
          "keys",
          SettingType.namedSecrets("id", "key"),
          SettingDefault.otherwise(
              "required for synthesis and verification, unless `worker.development`"),
          "list of `id`, a public name, and `key`, a secret of ten hexadecimal digits. The first key"
              + " marks, all are recognised; see"
              + " [rotation](operations.md#rotating-the-watermark-key). In the environment"
              + " `UTTER_WATERMARK_KEYS=\"ID=SECRET ID=SECRET\"`, where a secret may also be"
              + " `env:NAME` or `file:/path`");

  private static final Setting<Double> STRENGTH_DECIBELS =
      GROUP.advanced(
          "strengthDecibels",
          SettingType.decimal(),
          SettingDefault.auto(
              "CSM's 36 dB, or what the networks were trained for if that is stronger"),
          "ratio of clip to mark, 0 to 100; lower values make a stronger mark");

  private static final Setting<Double> THRESHOLD =
      GROUP.advanced(
          "threshold",
          SettingType.decimal(),
          Double.valueOf(Float.toString(DEFAULTS.threshold())),
          "confidence that a detection needs, 0 to 1");

  private static final Setting<Integer> MINIMUM_REPEATS =
      GROUP.advanced(
          "minimumRepeats",
          SettingType.integer(),
          DEFAULTS.minimumRepeats(),
          "repeats of the message that a detection needs");

  private static final Setting<Precision> PRECISION =
      GROUP.advanced(
          "precision",
          SettingType.choice(Precision.class),
          DEFAULTS.precision(),
          "`AUTO`: clips are first looked at in bfloat16 on processors that multiply it in hardware"
              + " (in TF32 on a GPU), and a look that is not decisive is repeated in 32 bit."
              + " `EXACT`: always 32 bit. Clips are always marked in 32 bit");

  /** Checks that nothing is missing. */
  public WatermarkingSettings {
    requireNonNull(source, "source is null");
    requireNonNull(keys, "keys is null");
    requireNonNull(detection, "detection is null");
  }

  /** Whether one of the keys is the public demo key. */
  boolean hasPublicKey() {
    return keys.keys().stream()
        .anyMatch(key -> MessageDigest.isEqual(key.bytes(), WatermarkKey.PUBLIC_DEMO.bytes()));
  }

  /**
   * Reads the settings.
   *
   * @param model the model, whose folder may have the networks
   * @param development whether the public demo key is used where there is none
   */
  static WatermarkingSettings read(
      SettingsSource source, Optional<ModelSettings> model, boolean development) {
    return new WatermarkingSettings(
        source
            .find(SOURCE)
            .or(() -> model.flatMap(WatermarkingSettings::inFolder))
            .orElseThrow(
                () ->
                    new SettingsException(
                        SOURCE
                            + " is missing: the folder of SilentCipher's networks, or"
                            + " sony/silentcipher; only a model in a folder may hold them")),
        keys(source, development),
        SettingsSource.checked(
            GROUP,
            () ->
                new WatermarkSettings(
                    source.findDouble(STRENGTH_DECIBELS),
                    source.get(THRESHOLD).floatValue(),
                    source.get(MINIMUM_REPEATS),
                    source.get(PRECISION))));
  }

  private static Optional<ModelSource> inFolder(ModelSettings model) {
    return model.source().folder().map(folder -> ModelSource.of(folder.resolve("watermark")));
  }

  private static KeyRing keys(SettingsSource source, boolean development) {
    Optional<List<Secret.Named>> keys = source.find(KEYS);
    if (keys.isEmpty() && development) {
      return KeyRing.of(WatermarkKey.PUBLIC_DEMO);
    }
    if (keys.isEmpty()) {
      throw new SettingsException(
          KEYS
              + " is missing: a list of keys, each with an id and env:NAME or file:/path of the"
              + " secret; only worker.development: true goes without, and then uses the public demo"
              + " key");
    }
    try {
      return new KeyRing(
          keys.get().stream().map(key -> WatermarkKey.parse(key.name(), key.value())).toList());
    } catch (IllegalArgumentException e) {
      throw new SettingsException(KEYS + ": " + e.getMessage(), e);
    }
  }
}
