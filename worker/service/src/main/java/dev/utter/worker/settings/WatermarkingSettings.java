package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.model.ModelSource;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the watermark; section {@code watermark}.
 *
 * @param source folder of the watermark's networks, or name of published ones
 * @param keys the keys that clips are checked for; the first one marks
 * @param detection strength and thresholds
 */
public record WatermarkingSettings(ModelSource source, KeyRing keys, WatermarkSettings detection) {

  /** Checks that nothing is missing. */
  public WatermarkingSettings {
    requireNonNull(source, "source is null");
    requireNonNull(keys, "keys is null");
    requireNonNull(detection, "detection is null");
  }

  /** Whether one of the keys is the one everybody knows. */
  public boolean hasPublicKey() {
    return keys.keys().stream()
        .anyMatch(key -> MessageDigest.isEqual(key.bytes(), WatermarkKey.PUBLIC_DEMO.bytes()));
  }

  static WatermarkingSettings read(
      Section section, Optional<ModelSettings> model, boolean development) {
    WatermarkSettings defaults = WatermarkSettings.DEFAULT;
    WatermarkingSettings settings =
        new WatermarkingSettings(
            section
                .text("source")
                .map(ModelSource::parse)
                .or(() -> model.flatMap(WatermarkingSettings::inFolder))
                .orElseThrow(
                    () ->
                        new SettingsException(
                            "watermark.source is missing: the folder of SilentCipher's networks, or"
                                + " sony/silentcipher; only a model in a folder may hold them")),
            keys(section, development),
            new WatermarkSettings(
                section.decimal("strengthDecibels"),
                (float) section.decimal("threshold").orElse(defaults.threshold()),
                section.integer("minimumRepeats").orElse(defaults.minimumRepeats())));
    section.refuseUnknown();
    return settings;
  }

  private static Optional<ModelSource> inFolder(ModelSettings model) {
    return model.source().folder().map(folder -> ModelSource.of(folder.resolve("watermark")));
  }

  private static KeyRing keys(Section section, boolean development) {
    Optional<List<Section.NamedSecret>> keys = section.namedSecrets("keys", "id", "key");
    if (keys.isEmpty() && development) {
      return KeyRing.of(WatermarkKey.PUBLIC_DEMO);
    }
    if (keys.isEmpty()) {
      throw new SettingsException(
          "watermark.keys is missing: a list of keys, each with an id and env:NAME or file:/path of"
              + " the secret; only worker.development: true goes without, and then uses the public"
              + " demo key");
    }
    return new KeyRing(
        keys.get().stream().map(key -> WatermarkKey.parse(key.name(), key.secret())).toList());
  }
}
