package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.rules.ObjectNames;
import dev.utter.worker.settings.source.SecretReference;
import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.storage.ClipProof;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where clips go; section {@code output}.
 *
 * @param bucket bucket of a request that names none
 * @param prefix key prefix of a request that names none; default clips
 * @param clipProof proves that a clip which is there already is this deployment's; empty where no
 *     clips are stored
 */
public record OutputSettings(String bucket, String prefix, Optional<ClipProof> clipProof) {

  /** Default of {@code prefix}. */
  public static final String DEFAULT_PREFIX = "clips";

  /** Checks every name. */
  public OutputSettings {
    refuse("output.bucket", bucket, ObjectNames.bucketDefect(bucket));
    refuse("output.prefix", prefix, ObjectNames.prefixDefect(prefix));
    requireNonNull(clipProof, "clipProof is null");
  }

  /** The place of these clips. */
  public ObjectPrefix place() {
    return new ObjectPrefix(bucket, prefix);
  }

  static OutputSettings read(Section section, ProcessSettings process) {
    OutputSettings settings =
        new OutputSettings(
            section.requiredText("bucket"),
            section.text("prefix").orElse(DEFAULT_PREFIX),
            proof(
                section.path("clipKeys"),
                section.secrets("clipKeys"),
                section.texts("clipKeys").orElse(List.of()).stream()
                    .map(SecretReference::file)
                    .toList(),
                process));
    section.refuseUnknown();
    return settings;
  }

  private static Optional<ClipProof> proof(
      String name, List<String> secrets, List<Optional<Path>> files, ProcessSettings process) {
    if (secrets.isEmpty()) {
      if (process.development()) {
        return Optional.of(ClipProof.ofDevelopment());
      }
      if (process.has(Role.SYNTHESIS)) {
        throw new SettingsException(
            name
                + " is missing: a list of env:NAME or file:/path of secrets that the workers alone"
                + " have; only worker.development: true goes without, and then uses a public one");
      }
      return Optional.empty();
    }
    try {
      ClipProof proof = new ClipProof(secrets, files);
      if (proof.hasPublicSecret() && !process.development()) {
        throw new SettingsException(
            name
                + " holds the public secret of development, which proves nothing: only"
                + " worker.development: true may use it");
      }
      return Optional.of(proof);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(name + ": " + e.getMessage(), e);
    }
  }

  private static void refuse(String name, String value, Optional<String> defect) {
    if (defect.isPresent()) {
      throw new SettingsException(name + " is \"" + value + "\": " + defect.get());
    }
  }
}
