package dev.utter.speech.audio;

import dev.utter.speech.audio.ffmpeg.RunLimits;
import java.time.Duration;
import java.util.Objects;

/**
 * Limits on reading or writing one audio file.
 *
 * @param maxFileBytes largest file read, in bytes; 1 byte to 1 GiB
 * @param maxDuration longest clip, read or written; 1 ms to 1 hour
 * @param toolTime wall time one run of ffmpeg may take before it is killed; processor time is
 *     limited to the same. 100 ms to 10 minutes
 * @param toolMemoryBytes address space one run of ffmpeg may take; at least 512 MiB, because the
 *     program and its threads alone map about half of that
 */
public record AudioLimits(
    long maxFileBytes, Duration maxDuration, Duration toolTime, long toolMemoryBytes) {

  private static final long MIB = 1L << 20;

  /** 64 MiB, 3 minutes, 30 s, 1 GiB. */
  public static final AudioLimits DEFAULT =
      new AudioLimits(
          64 * MIB,
          Duration.ofMinutes(3),
          RunLimits.DEFAULT.time(),
          RunLimits.DEFAULT.memoryBytes());

  public AudioLimits {
    if (maxFileBytes < 1 || maxFileBytes > 1024 * MIB) {
      throw new IllegalArgumentException(
          "maxFileBytes is " + maxFileBytes + ", must be 1 to " + 1024 * MIB);
    }
    requireBetween("maxDuration", maxDuration, Duration.ofMillis(1), Duration.ofHours(1));
    requireBetween("toolTime", toolTime, Duration.ofMillis(100), Duration.ofMinutes(10));
    if (toolMemoryBytes < 512 * MIB) {
      throw new IllegalArgumentException(
          "toolMemoryBytes is " + toolMemoryBytes + ", must be at least " + 512 * MIB);
    }
  }

  /** The limits of one run of ffmpeg. */
  public RunLimits ofRun() {
    return new RunLimits(toolTime, toolMemoryBytes);
  }

  private static void requireBetween(String name, Duration value, Duration min, Duration max) {
    Objects.requireNonNull(value, name + " is null");
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must be " + min + " to " + max);
    }
  }
}
