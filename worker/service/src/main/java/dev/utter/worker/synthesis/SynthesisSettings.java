package dev.utter.worker.synthesis;

import static dev.utter.worker.settings.source.SettingType.bytes;
import static dev.utter.worker.settings.source.SettingType.integer;
import static dev.utter.worker.settings.source.SettingType.positiveDuration;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.settings.source.Durations;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * Settings of the synthesis; section {@code synthesis}.
 *
 * @param worker name of this worker in events
 * @param access objects a request may name, and where clips go
 * @param finishingThreads empty for a number that fits the engine, see {@link #sizes}
 * @param prefetch empty for a number that fits the engine, see {@link #sizes}
 * @param maxContextBytes largest context object
 * @param maxRequestContextBytes largest sum of the context objects of one request
 * @param retries when something is unavailable
 * @param suspects when requests that may have taken a worker down run
 * @param shares guaranteed shares of the lanes
 * @param publisherHeader name of the header of cancellations that has their publisher's key
 * @param cancellations how much is remembered of them
 */
public record SynthesisSettings(
    String worker,
    AccessSettings access,
    int contextThreads,
    OptionalInt finishingThreads,
    OptionalInt prefetch,
    long codesCacheBytes,
    long maxContextBytes,
    long maxRequestContextBytes,
    Retries retries,
    Suspects suspects,
    LaneShares shares,
    String publisherHeader,
    CancellationMemory cancellations,
    Duration hungAfter) {
  /** The settings beside those of the records within. */
  public static final SettingGroup GROUP = new SettingGroup("synthesis", "Synthesis");

  private static final Setting<Integer> CONTEXT_THREADS =
      GROUP.advanced(
          "contextThreads",
          integer(1),
          4,
          "threads that look up objects, as many that fetch them, and as many that store them");

  private static final Setting<Integer> FINISHING_THREADS =
      GROUP.advanced(
          "finishingThreads",
          integer(1),
          SettingDefault.auto("one a slot, at least 2, no more than processors"),
          "threads that mark and encode clips");

  private static final Setting<Integer> PREFETCH =
      GROUP.advanced(
          "prefetch",
          integer(1),
          SettingDefault.auto("one a slot, 4 to 16"),
          "requests of a lane whose context audio is held in memory ahead of its encoding");

  private static final Setting<Long> CODES_CACHE_BYTES =
      GROUP.advanced(
          "codesCacheBytes", bytes(0), 256L << 20, "memory for the codes of context recordings");

  private static final long MIN_REQUEST_CONTEXT_BYTES = 64L << 20;

  private static final Setting<Long> MAX_REQUEST_CONTEXT_BYTES =
      GROUP.advanced(
          "maxRequestContextBytes",
          bytes(1),
          SettingDefault.auto("64 MiB, or `storage.maxObjectBytes` if that is more"),
          "bytes of all context objects of one request, each counted once; held against the store's"
              + " sizes before anything is downloaded");

  private static final Setting<Duration> HUNG_AFTER =
      GROUP.advanced(
          "hungAfter",
          positiveDuration(),
          Duration.ofMinutes(5),
          "a native call that takes longer than this without a frame, or a conversion of audio"
              + " without an end, makes `/health/live` answer 503");

  /**
   * When something is unavailable.
   *
   * @param first pause before the first repetition; doubles each time
   * @param longest longest such pause
   * @param patience how long one step of a request is repeated while the same step succeeds for
   *     others; the time in which it succeeds for nobody does not count
   */
  public record Retries(Duration first, Duration longest, Duration patience) {
    /** The settings. */
    public static final SettingGroup RETRIES_GROUP = new SettingGroup("synthesis", "Synthesis");

    private static final Duration FIRST = Duration.ofMillis(200);

    private static final Setting<Duration> MAX_RETRY =
        RETRIES_GROUP.advanced(
            "maxRetry",
            positiveDuration(),
            Duration.ofSeconds(30),
            "longest pause before something unavailable is asked for again; the first is "
                + Durations.text(FIRST)
                + ", and each is twice the one before");

    private static final Setting<Duration> PATIENCE =
        RETRIES_GROUP.advanced(
            "patience",
            positiveDuration(),
            Duration.ofMinutes(15),
            "how long one step of a request is repeated while it succeeds for others; then the"
                + " request fails with `INTERNAL` and a dead letter. An outage does not count");

    /** Checks. */
    public Retries {
      requireNonNull(first, "first is null");
      MAX_RETRY.check(longest);
      if (longest.compareTo(first) < 0) {
        throw MAX_RETRY.refusal(longest, "at least the first pause, " + Durations.text(first));
      }
      PATIENCE.check(patience);
    }

    static Retries read(SettingsSource source) {
      return new Retries(FIRST, source.get(MAX_RETRY), source.get(PATIENCE));
    }
  }

  /** Checks. */
  public SynthesisSettings {
    if (requireNonNull(worker, "worker is null").isBlank()) {
      throw new IllegalArgumentException("worker is blank");
    }
    requireNonNull(access, "access is null");
    CONTEXT_THREADS.check(contextThreads);
    finishingThreads.ifPresent(FINISHING_THREADS::check);
    prefetch.ifPresent(PREFETCH::check);
    CODES_CACHE_BYTES.check(codesCacheBytes);
    MAX_REQUEST_CONTEXT_BYTES.check(maxRequestContextBytes);
    requireNonNull(retries, "retries is null");
    requireNonNull(suspects, "suspects is null");
    requireNonNull(shares, "shares is null");
    requireNonNull(publisherHeader, "publisherHeader is null");
    requireNonNull(cancellations, "cancellations is null");
    HUNG_AFTER.check(hungAfter);
  }

  /** The defaults for a worker, with the objects that requests may name. */
  static SynthesisSettings defaults(String worker, AccessSettings access) {
    return read(
        SettingsSource.empty(),
        worker,
        access,
        PublisherKey.HEADER,
        CancellationMemory.defaults().retention());
  }

  /**
   * Reads the settings.
   *
   * @param worker name of this worker
   * @param access objects a request may name, and where clips go
   * @param publisherHeader name of the header of cancellations that has their publisher's key
   * @param idRetention how long admission remembers an id: a cancellation is remembered as long
   */
  public static SynthesisSettings read(
      SettingsSource source,
      String worker,
      AccessSettings access,
      String publisherHeader,
      Duration idRetention) {
    long maxContextBytes = StorageSettings.maxObjectBytes(source);
    return new SynthesisSettings(
        worker,
        access,
        source.get(CONTEXT_THREADS),
        source.findInt(FINISHING_THREADS),
        source.findInt(PREFETCH),
        source.get(CODES_CACHE_BYTES),
        maxContextBytes,
        source
            .find(MAX_REQUEST_CONTEXT_BYTES)
            .orElse(Math.max(MIN_REQUEST_CONTEXT_BYTES, maxContextBytes)),
        Retries.read(source),
        Suspects.read(source),
        LaneShares.read(source),
        publisherHeader,
        CancellationMemory.read(source, idRetention),
        source.get(HUNG_AFTER));
  }

  /**
   * The sizes that are set; those that are not set are chosen to fit the engine.
   *
   * @param slots utterances the engine generates at a time
   */
  SynthesisSizes sizes(int slots) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new SynthesisSizes(
        finishingThreads.orElse(Math.max(2, Math.min(slots, processors))),
        Math.max(8, 2 * slots),
        prefetch.orElse(Math.max(4, Math.min(slots, 16))));
  }
}
