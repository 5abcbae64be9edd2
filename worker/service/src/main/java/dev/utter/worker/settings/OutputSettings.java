package dev.utter.worker.settings;

import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.rules.ObjectNames;
import java.util.Optional;

/**
 * Where clips go; section {@code output}.
 *
 * @param bucket bucket of a request that names none
 * @param prefix key prefix of a request that names none; default clips
 */
public record OutputSettings(String bucket, String prefix) {

  /** Default of {@code prefix}. */
  public static final String DEFAULT_PREFIX = "clips";

  /** Checks every name. */
  public OutputSettings {
    refuse("output.bucket", bucket, ObjectNames.bucketDefect(bucket));
    refuse("output.prefix", prefix, ObjectNames.prefixDefect(prefix));
  }

  /** The place of these clips. */
  public ObjectPrefix place() {
    return new ObjectPrefix(bucket, prefix);
  }

  static OutputSettings read(Section section) {
    OutputSettings settings =
        new OutputSettings(
            section.requiredText("bucket"), section.text("prefix").orElse(DEFAULT_PREFIX));
    section.refuseUnknown();
    return settings;
  }

  private static void refuse(String name, String value, Optional<String> defect) {
    if (defect.isPresent()) {
      throw new SettingsException(name + " is \"" + value + "\": " + defect.get());
    }
  }
}
