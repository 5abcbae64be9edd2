package dev.utter.worker.admission;

import java.time.Duration;

/**
 * Settings of admission.
 *
 * @param maxTextChars longest text of a request or context utterance, in UTF-16 units; default 4000
 * @param maxTopK largest top-k a request may ask for: the model's vocabulary; default 2048
 * @param retention how long a request id is remembered; default 7 days
 * @param expiryInterval how often a part of the remembered ids is looked through; default 1 minute
 */
public record AdmissionSettings(
    int maxTextChars, int maxTopK, Duration retention, Duration expiryInterval) {

  /** Default longest text. */
  public static final int DEFAULT_MAX_TEXT_CHARS = 4000;

  /** Default largest top-k: the codec's codebook as published. */
  public static final int DEFAULT_MAX_TOP_K = 2048;

  /** Default time a request id is remembered. */
  public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);

  /** Default interval of the look through the remembered ids. */
  public static final Duration DEFAULT_EXPIRY_INTERVAL = Duration.ofMinutes(1);

  private static final int LARGEST_TEXT = 20_000;

  /** Checks every value. */
  public AdmissionSettings {
    if (maxTextChars < 1 || maxTextChars > LARGEST_TEXT) {
      throw new IllegalArgumentException(
          "admission.maxTextChars is " + maxTextChars + ", must be 1 to " + LARGEST_TEXT);
    }
    if (maxTopK < 1) {
      throw new IllegalArgumentException("admission.maxTopK is " + maxTopK + ", must be 1 or more");
    }
    checkPositive("admission.retention", retention);
    checkPositive("admission.expiryInterval", expiryInterval);
  }

  /** The defaults. */
  public static AdmissionSettings defaults() {
    return new AdmissionSettings(
        DEFAULT_MAX_TEXT_CHARS, DEFAULT_MAX_TOP_K, DEFAULT_RETENTION, DEFAULT_EXPIRY_INTERVAL);
  }

  private static void checkPositive(String name, Duration duration) {
    if (duration == null || duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " is " + duration + ", must be above zero");
    }
  }
}
