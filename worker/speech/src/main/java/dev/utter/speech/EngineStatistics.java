package dev.utter.speech;

import java.util.Objects;

/**
 * What the engine of a {@link SpeechModel} does at one moment, and what it has done since it was
 * loaded.
 *
 * @param slots utterances that can be generated at the same time
 * @param waiting utterances that have no slot and have not begun
 * @param prefilling utterances whose prompt is being run
 * @param running utterances that get a frame with every step
 * @param parked utterances that have begun and had to give up their slot to more urgent ones
 * @param steps steps done; a step gives one frame to each running utterance
 * @param frames frames generated
 * @param parkings how often an utterance gave up its slot
 * @param prefixes kept beginnings of prompts
 * @param memory native memory beside the weights
 */
public record EngineStatistics(
    int slots,
    int waiting,
    int prefilling,
    int running,
    int parked,
    long steps,
    long frames,
    long parkings,
    Prefixes prefixes,
    Memory memory) {

  /**
   * The pool of keys and values of prompt beginnings (context segments) that later prompts share.
   *
   * @param entries beginnings kept
   * @param bytes memory they take
   * @param limitBytes memory they may take
   * @param hits prompts with context whose beginning, or part of it, was there
   * @param misses prompts with context of which nothing was there
   * @param reusedPositions positions copied instead of computed
   * @param evictions beginnings dropped for newer ones
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
   * @param slotBytes what one slot takes at its full length: caches of backbone and depth decoder,
   *     codec state
   * @param cacheBytes what the caches of all slots take now
   * @param codecBytes what the codec state of all slots takes now
   * @param parkedBytes what prompts being run and parked utterances take
   * @param parkedLimitBytes what utterances may take that had to give up their slot; beyond it none
   *     has to
   * @param budgetBytes what slots, parked utterances and prefixes together were given
   */
  public record Memory(
      long slotBytes,
      long cacheBytes,
      long codecBytes,
      long parkedBytes,
      long parkedLimitBytes,
      long budgetBytes) {}

  public EngineStatistics {
    Objects.requireNonNull(prefixes, "prefixes is null");
    Objects.requireNonNull(memory, "memory is null");
  }

  /** These numbers with so many more that are waiting. */
  public EngineStatistics withArrivals(int arrivals) {
    return new EngineStatistics(
        slots,
        waiting + arrivals,
        prefilling,
        running,
        parked,
        steps,
        frames,
        parkings,
        prefixes,
        memory);
  }
}
