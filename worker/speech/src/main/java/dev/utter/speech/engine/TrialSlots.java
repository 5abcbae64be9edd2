package dev.utter.speech.engine;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.text.Prompt;
import java.util.Arrays;

/**
 * Slots that all hold the same generation, to try steps with before the engine starts. Closing them
 * leaves the program without slots.
 *
 * <p>Threading: not safe, one thread at a time.
 */
final class TrialSlots implements AutoCloseable {

  private static final int TOP_K = 50;

  private final CsmProgram program;
  private final int slots;

  /**
   * Fills the slots.
   *
   * @param positions the largest number of steps
   */
  TrialSlots(CsmProgram program, int slots, int positions) {
    this.program = program;
    this.slots = slots;
    program.reserve(slots, positions);
    int[] row = new int[program.codebooks() + 1];
    Arrays.fill(row, 1);
    row[program.codebooks()] = Prompt.NO_TEXT;
    try (KeyValues empty = program.newKeyValues(0)) {
      for (int slot = 0; slot < slots; slot++) {
        program.join(slot, empty, row, 0, 0, new SynthesisOptions(1, 1, TOP_K, 1));
      }
    }
  }

  /**
   * Steps all slots.
   *
   * @param length positions of each slot, the new one included
   * @param apart whether each slot attends separately
   */
  void step(int length, boolean apart) {
    long[] lengths = new long[apart ? slots : 0];
    Arrays.fill(lengths, length);
    program.step(slots, slots, length, TOP_K, lengths);
  }

  @Override
  public void close() {
    program.reserve(0, 0);
  }
}
