package dev.utter.worker.verification;

import dev.utter.worker.rules.ObjectNames;
import java.util.List;

/**
 * Settings of verification.
 *
 * @param buckets buckets that may be read; the check of a clip elsewhere is refused
 * @param maxObjectBytes largest clip that is read; default 50 MB
 */
public record VerificationSettings(List<String> buckets, long maxObjectBytes) {

  /** Default size of the largest clip. */
  public static final long DEFAULT_MAX_OBJECT_BYTES = 50_000_000;

  /** Checks both. */
  public VerificationSettings {
    buckets = List.copyOf(buckets);
    for (String bucket : buckets) {
      ObjectNames.bucketDefect(bucket)
          .ifPresent(
              defect -> {
                throw new IllegalArgumentException(
                    "verification.buckets holds \"" + bucket + "\": " + defect);
              });
    }
    if (maxObjectBytes < 1) {
      throw new IllegalArgumentException(
          "verification.maxObjectBytes is " + maxObjectBytes + ", must be 1 or more");
    }
  }

  /** The defaults, for these buckets. */
  public static VerificationSettings defaults(List<String> buckets) {
    return new VerificationSettings(buckets, DEFAULT_MAX_OBJECT_BYTES);
  }
}
