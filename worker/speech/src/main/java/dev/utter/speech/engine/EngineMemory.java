package dev.utter.speech.engine;

import dev.utter.speech.Urgency;
import dev.utter.speech.csm.SlotMemory;

/**
 * How the memory beside the weights is divided. In the worst case all slots are at full length, as
 * many utterances are preempted, and one prompt of each urgency is in prefill. Memory for that is
 * reserved.
 *
 * @param budgetBytes the memory to divide
 * @param slots utterances generated at the same time
 * @param preemptedBytes limit of preempted utterances
 * @param prefixBytes limit of the prefix cache
 */
record EngineMemory(long budgetBytes, int slots, long preemptedBytes, long prefixBytes) {

  /** More slots slow each utterance down more than they raise the throughput. */
  static final int MAX_SLOTS = 64;

  private static final int FREE_SHARE = 2;
  private static final int PREFIX_SHARE = 8;

  /**
   * Divides the memory.
   *
   * @param freeBytes free memory of the device, after the weights have been loaded
   * @throws IllegalArgumentException if the configured budget is too small for the configured
   *     slots, or for one slot
   * @throws IllegalStateException if the free memory is too small for one slot
   */
  static EngineMemory divide(GenerationSettings settings, SlotMemory slot, long freeBytes) {
    long budget = settings.memoryBytes().orElse(freeBytes / FREE_SHARE);
    long prefixes = settings.prefixBytes().orElse(budget / PREFIX_SHARE);
    long prompts = Urgency.values().length * slot.sequenceBytes();
    long each = 2 * slot.slotBytes();
    long fitting = (budget - prefixes - prompts) / each;
    boolean limited = settings.memoryBytes().isPresent();
    long wanted = settings.slots().orElse(1);
    if (fitting < wanted && limited) {
      throw new IllegalArgumentException(
          lack("memoryBytes is " + budget, wanted, each, prompts, prefixes));
    }
    if (settings.slots().isEmpty() && fitting < 1) {
      throw new IllegalStateException(
          lack("half of the free memory is " + budget, wanted, each, prompts, prefixes));
    }
    int slots = settings.slots().orElse((int) Math.min(MAX_SLOTS, fitting));
    return new EngineMemory(budget, slots, slots * slot.slotBytes(), prefixes);
  }

  /** This memory with fewer slots. */
  EngineMemory withSlots(int count, SlotMemory slot) {
    return new EngineMemory(budgetBytes, count, count * slot.slotBytes(), prefixBytes);
  }

  private static String lack(String budget, long slots, long each, long prompts, long prefixes) {
    return budget
        + " bytes, must be at least "
        + (slots * each + prompts + prefixes)
        + ": "
        + slots
        + " slots of "
        + each
        + " (a running and a preempted utterance of full length), "
        + prompts
        + " for prompts being run and "
        + prefixes
        + " for prefixes";
  }
}
