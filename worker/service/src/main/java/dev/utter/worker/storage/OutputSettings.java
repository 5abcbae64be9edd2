package dev.utter.worker.storage;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.rules.ObjectNames;
import dev.utter.worker.settings.source.Secret;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.util.List;
import java.util.Optional;

/** Where clips go, and how workers recognise each other's clips; section {@code output}. */
public record OutputSettings(String bucket, String prefix, Optional<ClipProof> clipProof) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("output", "Clips");

  /** Without it a worker handles no clips. */
  public static final Setting<String> BUCKET =
      GROUP.everyday(
          "bucket",
          SettingType.text(),
          SettingDefault.otherwise("required but for status"),
          "bucket of the clips of requests that name none");

  private static final Setting<String> PREFIX =
      GROUP.everyday(
          "prefix",
          SettingType.text(),
          "clips",
          "prefix of the keys of the clips of requests that name none");

  private static final Setting<List<Secret>> CLIP_KEYS =
      GROUP.everyday(
          "clipKeys",
          SettingType.secrets(),
          SettingDefault.otherwise("required for synthesis, unless `worker.development`"),
          "secrets of at least "
              + ClipProof.MIN_SECRET_CHARS
              + " characters by which workers know each other's clips in the store: the first"
              + " makes proofs, all verify them. The same list for all workers of a deployment."
              + " `openssl rand -hex 32` makes one. See [Clip keys](#clip-keys)");

  /** Checks every name. */
  public OutputSettings {
    refuse(BUCKET, bucket, ObjectNames.bucketDefect(bucket));
    refuse(PREFIX, prefix, ObjectNames.prefixDefect(prefix));
    requireNonNull(clipProof, "clipProof is null");
  }

  /**
   * Reads the settings.
   *
   * @param makesClips whether this worker does, and so cannot go without keys
   * @param development whether it may use public keys
   */
  public static OutputSettings read(
      SettingsSource source, boolean makesClips, boolean development) {
    return new OutputSettings(
        source.get(BUCKET),
        source.get(PREFIX),
        proof(source.find(CLIP_KEYS).orElse(List.of()), makesClips, development));
  }

  private static Optional<ClipProof> proof(
      List<Secret> secrets, boolean makesClips, boolean development) {
    if (secrets.isEmpty()) {
      if (development) {
        return Optional.of(ClipProof.ofDevelopment());
      }
      if (makesClips) {
        throw new SettingsException(
            CLIP_KEYS
                + " is missing: a list of env:NAME or file:/path of secrets that the workers alone"
                + " have; only worker.development: true goes without, and then uses a public one");
      }
      return Optional.empty();
    }
    try {
      ClipProof proof =
          new ClipProof(
              secrets.stream().map(Secret::value).toList(),
              secrets.stream().map(Secret::file).toList());
      if (proof.hasPublicSecret() && !development) {
        throw new SettingsException(
            CLIP_KEYS
                + " holds the public secret of development, which proves nothing: only"
                + " worker.development: true may use it");
      }
      return Optional.of(proof);
    } catch (SettingsException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new SettingsException(CLIP_KEYS + ": " + e.getMessage(), e);
    }
  }

  private static void refuse(Setting<String> setting, String value, Optional<String> defect) {
    if (defect.isPresent()) {
      throw new SettingsException(setting + " is \"" + value + "\": " + defect.get());
    }
  }
}
