package dev.utter.speech.csm;

/**
 * The numbers that determine the tensor shapes of a padded step. They are rounded up, so that there
 * are few different ones.
 *
 * @param slots slots that are computed, used or not
 * @param positions positions that each slot attends to, future ones masked
 * @param topK the largest top-k
 */
public record StepShape(int slots, int positions, int topK) {

  private static final int POSITIONS = 256;
  private static final int MIN_TOP_K = 64;
  private static final int TOP_K_FACTOR = 4;

  /** Positions and top-k are below 2^21. */
  private static final int SHIFT = 21;

  /**
   * The smallest shape that is large enough: slots are powers of two, positions multiples of 256,
   * top-k 1, 64, 256, ...; none above its limit.
   *
   * @param limits the maximum of each number
   */
  static StepShape around(int running, int maxLength, int maxTopK, StepShape limits) {
    int slots = Integer.highestOneBit(Math.max(1, 2 * running - 1));
    int positions = (maxLength + POSITIONS - 1) / POSITIONS * POSITIONS;
    int topK = maxTopK == 1 ? 1 : MIN_TOP_K;
    while (topK < maxTopK) {
      topK *= TOP_K_FACTOR;
    }
    return new StepShape(
        Math.min(slots, limits.slots),
        Math.min(positions, limits.positions),
        Math.min(topK, limits.topK));
  }

  /** A number that identifies the shape. */
  long key() {
    return ((long) slots << SHIFT | positions) << SHIFT | topK;
  }
}
