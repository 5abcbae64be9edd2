package dev.utter.worker.synthesis;

import static dev.utter.worker.rules.SettingRules.requireAtLeast1;
import static dev.utter.worker.rules.SettingRules.requireNotNegative;
import static dev.utter.worker.rules.SettingRules.requirePositive;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import java.time.Duration;

/**
 * Settings of the synthesis.
 *
 * @param worker name of this worker, as events tell it
 * @param access objects a request may name, and where clips go
 * @param contextThreads threads that look up objects, as many that fetch them, and as many that
 *     store them
 * @param encodingThreads threads that turn context audio into codes
 * @param finishingThreads threads that mark and encode clips; 0 for one a slot, at least 2 and no
 *     more than there are processors
 * @param maxFinishing clips generated and not yet published, before requests of their urgency wait
 *     with their start; 0 for two a slot, at least 8
 * @param prefetch requests per lane whose context audio is held in memory ahead of its encoding; 0
 *     for one a slot, 4 to 16
 * @param codesCacheBytes memory for the codes of context audio
 * @param maxContextBytes largest context object
 * @param maxRequestContextBytes largest sum of the context objects of one request, each counted
 *     once; at least {@code maxContextBytes}
 * @param retries when something is unavailable
 * @param suspects when requests that may have taken a worker down run
 * @param shares what lanes get for certain
 * @param publisherHeader name of the header of cancellations that has their publisher's key
 * @param cancellations how much is remembered of them
 * @param hungAfter how long running utterances may go without a frame, and running conversions of
 *     audio without an end, before the worker counts as hung
 */
public record SynthesisSettings(
    String worker,
    AccessSettings access,
    int contextThreads,
    int encodingThreads,
    int finishingThreads,
    int maxFinishing,
    int prefetch,
    long codesCacheBytes,
    long maxContextBytes,
    long maxRequestContextBytes,
    Retries retries,
    Suspects suspects,
    LaneShares shares,
    String publisherHeader,
    CancellationMemory cancellations,
    Duration hungAfter) {

  /**
   * When something is unavailable.
   *
   * @param first pause before the first repetition; doubles each time
   * @param longest longest such pause
   * @param patience how long one step of a request is repeated while the same step succeeds for
   *     others; the time in which it succeeds for nobody does not count
   */
  public record Retries(Duration first, Duration longest, Duration patience) {
    /** From 200 ms to 30 s, for 15 min. */
    public static final Retries DEFAULT =
        new Retries(Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(15));

    /** Checks. */
    public Retries {
      requirePositive("firstRetry", first);
      if (requireNonNull(longest, "maxRetry is null").compareTo(first) < 0) {
        throw new IllegalArgumentException(
            "maxRetry is " + longest + ", must be at least firstRetry, " + first);
      }
      requirePositive("patience", patience);
    }
  }

  /** Default of {@code hungAfter}. */
  public static final Duration DEFAULT_HUNG_AFTER = Duration.ofMinutes(5);

  private static final int SIZED_BY_SLOTS = 0;

  /** Checks and copies. */
  public SynthesisSettings {
    if (requireNonNull(worker, "worker is null").isBlank()) {
      throw new IllegalArgumentException("worker is blank");
    }
    requireNonNull(access, "access is null");
    requireAtLeast1("contextThreads", contextThreads);
    requireAtLeast1("encodingThreads", encodingThreads);
    requireNotNegative("finishingThreads", finishingThreads);
    requireNotNegative("maxFinishing", maxFinishing);
    requireNotNegative("prefetch", prefetch);
    requireAtLeast1("maxContextBytes", maxContextBytes);
    if (maxRequestContextBytes < maxContextBytes) {
      throw new IllegalArgumentException(
          "maxRequestContextBytes is "
              + maxRequestContextBytes
              + ", must be at least maxContextBytes, "
              + maxContextBytes);
    }
    requireNotNegative("codesCacheBytes", codesCacheBytes);
    requireNonNull(retries, "retries is null");
    requireNonNull(suspects, "suspects is null");
    requireNonNull(shares, "shares is null");
    requireNonNull(publisherHeader, "publisherHeader is null");
    requireNonNull(cancellations, "cancellations is null");
    requirePositive("hungAfter", hungAfter);
  }

  /** The defaults for a worker, with the objects that requests may name. */
  public static SynthesisSettings defaults(String worker, AccessSettings access) {
    return new SynthesisSettings(
        worker,
        access,
        4,
        1,
        SIZED_BY_SLOTS,
        SIZED_BY_SLOTS,
        SIZED_BY_SLOTS,
        256L << 20,
        50_000_000,
        64L << 20,
        Retries.DEFAULT,
        Suspects.DEFAULT,
        LaneShares.DEFAULT,
        PublisherKey.HEADER,
        CancellationMemory.DEFAULT,
        DEFAULT_HUNG_AFTER);
  }

  /**
   * These settings with numbers in place of those left to the engine's slots.
   *
   * @param slots utterances the engine generates at a time
   */
  public SynthesisSettings sizedFor(int slots) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new SynthesisSettings(
        worker,
        access,
        contextThreads,
        encodingThreads,
        sized(finishingThreads, Math.max(2, Math.min(slots, processors))),
        sized(maxFinishing, Math.max(8, 2 * slots)),
        sized(prefetch, Math.max(4, Math.min(slots, 16))),
        codesCacheBytes,
        maxContextBytes,
        maxRequestContextBytes,
        retries,
        suspects,
        shares,
        publisherHeader,
        cancellations,
        hungAfter);
  }

  private static int sized(int setting, int bySlots) {
    return setting == SIZED_BY_SLOTS ? bySlots : setting;
  }
}
