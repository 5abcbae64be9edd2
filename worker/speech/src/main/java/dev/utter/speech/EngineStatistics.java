package dev.utter.speech;

import java.util.Objects;

/**
 * The state of the engine of a {@link SpeechModel} at one moment, and its counters since it was
 * loaded.
 *
 * @param slots utterances that can be generated at the same time
 * @param waiting utterances that have no slot and have not begun
 * @param prefilling utterances whose prompt is being run
 * @param running utterances that get a frame with every step
 * @param prefilled utterances whose prompt is done and that wait for their first slot
 * @param preempted utterances that gave up their slot to more urgent ones and wait for another
 * @param steps steps done; a step gives one frame to each running utterance
 * @param stepNanos time that the steps took, in nanoseconds
 * @param frames frames generated
 * @param preemptions number of times an utterance gave up its slot
 * @param prefixes the prefix cache
 * @param memory native memory beside the weights
 */
public record EngineStatistics(
    int slots,
    int waiting,
    int prefilling,
    int running,
    int prefilled,
    int preempted,
    long steps,
    long stepNanos,
    long frames,
    long preemptions,
    Prefixes prefixes,
    Memory memory) {

  /**
   * The prefix cache: keys and values of prompt prefixes (context segments) that later prompts
   * share.
   *
   * @param entries prefixes in the cache
   * @param bytes memory they take
   * @param limitBytes memory they may take
   * @param hits prompts with context whose prefix, or part of it, was in the cache
   * @param misses prompts whose context was not in the cache
   * @param reusedPositions positions copied instead of computed
   * @param evictions prefixes removed for newer ones
   */
  public record Prefixes(
      int entries,
      long bytes,
      long limitBytes,
      long hits,
      long misses,
      long reusedPositions,
      long evictions) {}

  /**
   * Native memory beside the weights.
   *
   * @param slotBytes bytes of one slot at full length: caches of backbone and depth decoder, codec
   *     state
   * @param cacheBytes bytes of the caches of all slots now
   * @param codecBytes bytes of the codec state of all slots now
   * @param pendingBytes KV caches outside the slots: of utterances that are being prefilled, are
   *     prefilled, or are preempted
   * @param preemptedLimitBytes limit of the KV caches of preempted utterances; at the limit none is
   *     preempted
   * @param budgetBytes memory given to slots, pending utterances and the prefix cache together
   */
  public record Memory(
      long slotBytes,
      long cacheBytes,
      long codecBytes,
      long pendingBytes,
      long preemptedLimitBytes,
      long budgetBytes) {}

  public EngineStatistics {
    Objects.requireNonNull(prefixes, "prefixes is null");
    Objects.requireNonNull(memory, "memory is null");
  }

  /** These numbers with {@code arrivals} more waiting. */
  public EngineStatistics withArrivals(int arrivals) {
    return new EngineStatistics(
        slots,
        waiting + arrivals,
        prefilling,
        running,
        prefilled,
        preempted,
        steps,
        stepNanos,
        frames,
        preemptions,
        prefixes,
        memory);
  }
}
