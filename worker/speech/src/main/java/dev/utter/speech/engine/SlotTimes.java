package dev.utter.speech.engine;

import dev.utter.speech.csm.CsmProgram;
import java.util.function.IntToLongFunction;

/**
 * Finds how many utterances a CPU can generate at the same time without making each of them slow.
 */
final class SlotTimes {

  /** Without real time, a step may take this many times as long as that of one utterance. */
  private static final int MAX_SLOWDOWN = 2;

  private static final int ROUNDS = 3;

  private SlotTimes() {}

  /**
   * The number of utterances with the highest throughput among those that are generated in real
   * time; or, if not even one is, among those whose step takes at most twice that of one.
   *
   * @param stepNanos the time of a step by its number of utterances
   * @param frameNanos the time that a frame sounds
   * @param max the largest number to consider
   */
  static int best(IntToLongFunction stepNanos, long frameNanos, int max) {
    long one = stepNanos.applyAsLong(1);
    long limit = one <= frameNanos ? frameNanos : MAX_SLOWDOWN * one;
    int best = 1;
    double bestRate = 1.0 / one;
    int slots = 1;
    while (slots < max) {
      // 2, 3, 4, 6, 8, 12, ...
      int next = Integer.bitCount(slots) == 1 && slots > 1 ? slots / 2 * 3 : next(slots);
      slots = Math.min(max, next);
      long nanos = stepNanos.applyAsLong(slots);
      if (nanos > limit) {
        break;
      }
      if (slots / (double) nanos > bestRate) {
        best = slots;
        bestRate = slots / (double) nanos;
      }
    }
    return best;
  }

  private static int next(int slots) {
    return slots == 1 ? 2 : slots / 3 * 4;
  }

  /**
   * The shortest of a few steps of this number of utterances. The program has no slots after it.
   */
  static long stepNanos(CsmProgram program, int slots) {
    try (TrialSlots trial = new TrialSlots(program, slots, ROUNDS + 1)) {
      long shortest = Long.MAX_VALUE;
      for (int round = 0; round <= ROUNDS; round++) {
        long begin = System.nanoTime();
        trial.step(round + 1, false);
        // The first one allocates.
        if (round > 0) {
          shortest = Math.min(shortest, System.nanoTime() - begin);
        }
      }
      return shortest;
    }
  }
}
