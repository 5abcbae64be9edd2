package dev.utter.speech.audio.ffmpeg;

import java.time.Duration;

/**
 * The limits of one run of ffmpeg.
 *
 * @param time wall time before it is killed; processor time is limited to the same
 * @param memoryBytes address space, in bytes
 */
public record RunLimits(Duration time, long memoryBytes) {
  /** 30 s, 1 GiB. */
  public static final RunLimits DEFAULT = new RunLimits(Duration.ofSeconds(30), 1L << 30);
}
