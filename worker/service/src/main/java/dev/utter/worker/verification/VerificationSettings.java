package dev.utter.worker.verification;

import static dev.utter.worker.settings.source.SettingType.decimal;
import static dev.utter.worker.settings.source.SettingType.duration;
import static dev.utter.worker.settings.source.SettingType.integer;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;

/** Settings of verification; section {@code verification}. */
public record VerificationSettings(Duration patience, int requestsPerMinute, double detectedShare) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("verification", "Verification");

  /** A record that is tried again for longer than 20 s costs the stage its thread. */
  private static final Duration MAX_PATIENCE = Duration.ofSeconds(15);

  private static final Setting<Duration> PATIENCE =
      GROUP.advanced(
          "patience",
          duration(Duration.ZERO, MAX_PATIENCE),
          Duration.ofSeconds(10),
          "how long a clip is waited for that the store does not give although it gives others;"
              + " the clips behind it wait, too");

  private static final Setting<Integer> REQUESTS_PER_MINUTE =
      GROUP.advanced(
          "requestsPerMinute",
          integer(1),
          60,
          "requests of `utter.verification-requests` that a worker checks in a minute; further"
              + " ones get RATE_LIMITED. Completed clips are always checked");

  private static final Setting<Double> DETECTED_SHARE =
      GROUP.advanced(
          "detectedShare",
          decimal(),
          1.0,
          "share of the completed clips in which the mark is looked for again, 0.01 to 1. The others"
              + " are read, and their SHA-256 is compared with that of the bytes in which their"
              + " worker found the mark; `byDigest` of the verified event says so");

  /** Without any detection, a worker that announces a mark it did not find would not be noticed. */
  private static final double MIN_DETECTED_SHARE = 0.01;

  /** Checks all. */
  public VerificationSettings {
    PATIENCE.check(patience);
    REQUESTS_PER_MINUTE.check(requestsPerMinute);
    if (!(detectedShare >= MIN_DETECTED_SHARE && detectedShare <= 1)) {
      throw new IllegalArgumentException(
          "detectedShare is " + detectedShare + ", must be " + MIN_DETECTED_SHARE + " to 1");
    }
  }

  /** The defaults. */
  public static VerificationSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static VerificationSettings read(SettingsSource source) {
    return SettingsSource.checked(
        GROUP,
        () ->
            new VerificationSettings(
                source.get(PATIENCE), source.get(REQUESTS_PER_MINUTE), source.get(DETECTED_SHARE)));
  }
}
