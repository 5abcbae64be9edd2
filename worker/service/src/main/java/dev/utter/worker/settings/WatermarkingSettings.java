package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Settings of the watermark; section {@code watermark}.
 *
 * @param folder folder of the watermark's networks
 * @param key the key that clips are marked with and checked for
 * @param detection strength and thresholds
 */
public record WatermarkingSettings(Path folder, WatermarkKey key, WatermarkSettings detection) {

  /** Checks that nothing is missing. */
  public WatermarkingSettings {
    requireNonNull(folder, "folder is null");
    requireNonNull(key, "key is null");
    requireNonNull(detection, "detection is null");
  }

  /** Whether the key is the one everybody knows. */
  public boolean hasPublicKey() {
    return MessageDigest.isEqual(key.bytes(), WatermarkKey.PUBLIC_DEMO.bytes());
  }

  static WatermarkingSettings read(
      Section section, Optional<ModelSettings> model, boolean development) {
    WatermarkSettings defaults = WatermarkSettings.DEFAULT;
    WatermarkingSettings settings =
        new WatermarkingSettings(
            section
                .text("folder")
                .map(Path::of)
                .or(() -> model.map(m -> m.folder().resolve("watermark")))
                .orElseThrow(() -> new SettingsException("watermark.folder is missing")),
            key(section, development),
            new WatermarkSettings(
                section.decimal("strengthDecibels"),
                (float) section.decimal("threshold").orElse(defaults.threshold()),
                section.integer("minimumRepeats").orElse(defaults.minimumRepeats())));
    section.refuseUnknown();
    return settings;
  }

  private static WatermarkKey key(Section section, boolean development) {
    Optional<String> id = section.text("keyId");
    Optional<String> key = section.secret("key");
    if (key.isEmpty() && id.isEmpty() && development) {
      return WatermarkKey.PUBLIC_DEMO;
    }
    if (key.isEmpty()) {
      throw new SettingsException(
          "watermark.key is missing: env:NAME or file:/path of the secret key; only"
              + " worker.development: true goes without, and then uses the public demo key");
    }
    return WatermarkKey.parse(
        id.orElseThrow(() -> new SettingsException("watermark.keyId is missing")), key.get());
  }
}
