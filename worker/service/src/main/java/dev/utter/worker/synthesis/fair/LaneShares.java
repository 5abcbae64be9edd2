package dev.utter.worker.synthesis.fair;

import dev.utter.speech.Urgency;

/**
 * What a lane gets for certain while more urgent ones have work. INTERACTIVE takes precedence and
 * has whatever the others are not certain of.
 *
 * @param normalPercent of NORMAL while it has work
 * @param bulkPercent of BULK while it has work
 */
public record LaneShares(int normalPercent, int bulkPercent) {
  /** 20 % for NORMAL, 5 % for BULK. */
  public static final LaneShares DEFAULT = new LaneShares(20, 5);

  private static final int MAX_TOGETHER = 90;

  /** Checks. */
  public LaneShares {
    requirePercent("normalShare", normalPercent);
    requirePercent("bulkShare", bulkPercent);
    if (normalPercent + bulkPercent > MAX_TOGETHER) {
      throw new IllegalArgumentException(
          "normalShare and bulkShare are %d and %d, must be at most %d together"
              .formatted(normalPercent, bulkPercent, MAX_TOGETHER));
    }
  }

  private static void requirePercent(String name, int percent) {
    if (percent < 0 || percent > MAX_TOGETHER) {
      throw new IllegalArgumentException(
          name + " is " + percent + ", must be 0 to " + MAX_TOGETHER + " percent");
    }
  }

  /** What a lane earns for each unit that others are given, so that it ends with its share. */
  double earnedPerUnit(Urgency lane) {
    double share =
        switch (lane) {
          case INTERACTIVE -> 0;
          case NORMAL -> normalPercent / 100.0;
          case BULK -> bulkPercent / 100.0;
        };
    return share / (1 - share);
  }
}
