package dev.utter.worker.settings;

import dev.utter.worker.rules.ObjectNames;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where clips go; section {@code output}.
 *
 * @param bucket bucket of a request that names none
 * @param prefix key prefix of a request that names none; default clips
 * @param allowedBuckets further buckets a request may name
 */
public record OutputSettings(String bucket, String prefix, List<String> allowedBuckets) {

  /** Default of {@code prefix}. */
  public static final String DEFAULT_PREFIX = "clips";

  /** Checks every name. */
  public OutputSettings {
    requireBucket("output.bucket", bucket);
    allowedBuckets = List.copyOf(allowedBuckets);
    allowedBuckets.forEach(other -> requireBucket("output.allowedBuckets", other));
    String path = prefix;
    ObjectNames.prefixDefect(path)
        .ifPresent(
            defect -> {
              throw new SettingsException("output.prefix is \"" + path + "\": " + defect);
            });
  }

  /** The default bucket and the allowed ones. */
  public List<String> buckets() {
    Set<String> buckets = new LinkedHashSet<>(List.of(bucket));
    buckets.addAll(allowedBuckets);
    return List.copyOf(buckets);
  }

  static OutputSettings read(Section section) {
    OutputSettings settings =
        new OutputSettings(
            section.requiredText("bucket"),
            section.text("prefix").orElse(DEFAULT_PREFIX),
            section.texts("allowedBuckets").orElse(List.of()));
    section.refuseUnknown();
    return settings;
  }

  private static void requireBucket(String name, String bucket) {
    ObjectNames.bucketDefect(bucket)
        .ifPresent(
            defect -> {
              throw new SettingsException(name + " is \"" + bucket + "\": " + defect);
            });
  }
}
