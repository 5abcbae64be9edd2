package dev.utter.speech.engine;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.text.Prompt;
import java.util.Arrays;

/**
 * Finds batch sizes whose rows are all computed alike. Matrix products work in tiles. With some
 * numbers of rows, the last tile is summed in another order, so that an utterance would differ by
 * slot.
 */
final class StrictBatch {

  private static final int TOP_K = 50;

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
    program.reserve(size, 1);
    program.trace(true);
    try (KeyValues empty = program.newKeyValues(0)) {
      int[] row = new int[program.codebooks() + 1];
      Arrays.fill(row, 1);
      row[program.codebooks()] = Prompt.NO_TEXT;
      for (int slot = 0; slot < size; slot++) {
        program.join(slot, empty, row, 0, 0, new SynthesisOptions(1, 1, TOP_K, 1));
      }
      long[] lengths = new long[size];
      Arrays.fill(lengths, 1);
      program.step(size, size, 1, TOP_K, lengths);
      return program.tracedRowsAreEqual();
    } finally {
      program.trace(false);
      program.reserve(0, 0);
    }
  }
}
