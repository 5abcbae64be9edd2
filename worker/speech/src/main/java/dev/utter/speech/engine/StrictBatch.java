package dev.utter.speech.engine;

import dev.utter.speech.csm.CsmProgram;

/**
 * Finds batch sizes whose rows are all computed alike. Matrix products work in tiles. With some
 * numbers of rows, the last tile is summed in another order, so that an utterance would differ by
 * slot.
 */
final class StrictBatch {

  private final CsmProgram program;

  StrictBatch(CsmProgram program) {
    this.program = program;
  }

  /**
   * The smallest batch of at least {@code slots} slots that gives the same row the same numbers, to
   * the last bit, in every slot.
   *
   * @throws IllegalStateException if none up to twice the size and 16 does
   */
  int bucket(int slots) {
    int max = 2 * slots + 16;
    for (int size = slots; size <= max; size++) {
      if (computesRowsAlike(size)) {
        return size;
      }
    }
    throw new IllegalStateException(
        "no batch of "
            + slots
            + " to "
            + max
            + " slots computes all its rows alike on this device; strict generation is impossible");
  }

  private boolean computesRowsAlike(int size) {
    program.trace(true);
    try (TrialSlots trial = new TrialSlots(program, size, 1)) {
      trial.step(1, true);
      return program.tracedRowsAreEqual();
    } finally {
      program.trace(false);
    }
  }
}
