package dev.utter.speech.csm;

/**
 * What the shapes of a padded step's tensors follow from. Rounded up, so that there are few.
 *
 * @param slots that are computed, used or not
 * @param positions that each of them attends to, those ahead masked
 * @param topK the largest top-k
 */
public record StepShape(int slots, int positions, int topK) {

  private static final int POSITIONS = 256;
  private static final int MIN_TOP_K = 64;
  private static final int TOP_K_FACTOR = 4;

  /** Positions and top-k are below 2^21. */
  private static final int SHIFT = 21;

  /**
   * The smallest that holds what is needed: slots are powers of two, positions multiples of 256,
   * top-k 1, 64, 256, ...; none above its limit.
   *
   * @param limits the largest there can be
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

  /** Different for different shapes. */
  long key() {
    return ((long) slots << SHIFT | positions) << SHIFT | topK;
  }
}
