package dev.utter.chaos.check;

import java.time.Duration;

/**
 * Bounds of the promises about time, as documented for users. They are not raised for slow
 * machines.
 */
public final class Bounds {
  /** From the publication to the admission or refusal, during a rolling restart. */
  public static final Duration ADMISSION = Duration.ofSeconds(5);

  /** From the publication to the start on a healthy worker, while another was killed. */
  public static final Duration BEGIN = Duration.ofSeconds(3);

  /**
   * From the end of a fault to the last outcome. The partitions of a dead worker are free when its
   * session ends, after 6 s in a run, and its open transaction is aborted 25 s later. Its requests
   * in progress are tried again one at a time: each of up to eight requests waits up to 10 s for
   * others.
   */
  public static final Duration DRAIN = Duration.ofSeconds(120);

  /**
   * How long a request that is tried again has the worker to itself, even if other requests wait.
   */
  static final Duration ALONE = Duration.ofSeconds(3);

  private Bounds() {}
}
