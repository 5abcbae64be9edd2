package dev.utter.chaos.check;

import java.time.Duration;

/** The promises about time. They are what users are told; a slow machine is no reason for more. */
public final class Bounds {
  /** From publishing to being visible in a lane, or refused, during a rolling restart. */
  public static final Duration ADMISSION = Duration.ofSeconds(5);

  /** From publishing to the start on a worker that is healthy, beside one that was killed. */
  public static final Duration BEGIN = Duration.ofSeconds(3);

  /**
   * From the end of a fault to the last outcome. A dead worker's partitions are free after its
   * session, 6 s in a run, and its open transaction after 25 s more. What it was speaking is tried
   * again one by one: each of up to eight requests lets others pass for 10 s.
   */
  public static final Duration DRAIN = Duration.ofSeconds(120);

  /** How long a request that is tried again has the worker for itself, whatever waits. */
  public static final Duration ALONE = Duration.ofSeconds(3);

  private Bounds() {}
}
