package dev.utter.worker.synthesis;

import dev.utter.events.Topics;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.storage.ClipProof;
import dev.utter.worker.synthesis.cancellation.Cancellations;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Settings and names that tests of synthesis share. */
final class SynthesisFixture {
  static final String BUCKET = "clips-out";

  /** Context comes from a separate bucket. */
  static final AccessSettings ACCESS =
      new AccessSettings(
          new ObjectPrefix(BUCKET, "clips"),
          List.of(new ObjectPrefix(SynthesisRig.VOICES, "")),
          List.of(new ObjectPrefix(BUCKET, "clips")),
          List.of());

  static final ClipProof PROOF = new ClipProof(List.of("a secret that all workers have in a test"));

  private SynthesisFixture() {}

  /** Cancellations that are not read from Kafka, and are not caught up. */
  static Cancellations cancellations(SynthesisSettings settings, List<String> broken, Clock clock) {
    return new Cancellations(
        Map.of(),
        Topics.CANCELLATIONS,
        new PublisherKey(PublisherKey.HEADER),
        settings.cancellations(),
        (id, publisher) -> {},
        why -> broken.add(why.toString()),
        SynthesisListener.NONE,
        clock);
  }

  static SynthesisSettings synthesis(String worker) {
    SynthesisSettings defaults = SynthesisSettings.defaults(worker, ACCESS);
    return synthesis(
        defaults,
        new SynthesisSettings.Retries(
            Duration.ofMillis(50), Duration.ofMillis(400), defaults.retries().patience()),
        defaults.prefetch());
  }

  /**
   * With other pauses.
   *
   * @param prefetch requests of a lane whose context is in memory
   */
  static SynthesisSettings synthesis(
      String worker, SynthesisSettings.Retries retries, int prefetch) {
    return synthesis(SynthesisSettings.defaults(worker, ACCESS), retries, OptionalInt.of(prefetch));
  }

  private static SynthesisSettings synthesis(
      SynthesisSettings defaults, SynthesisSettings.Retries retries, OptionalInt prefetch) {
    return new SynthesisSettings(
        defaults.worker(),
        ACCESS,
        defaults.contextThreads(),
        defaults.finishingThreads(),
        prefetch,
        defaults.codesCacheBytes(),
        1_000_000,
        2_000_000,
        retries,
        defaults.suspects(),
        defaults.shares(),
        defaults.publisherHeader(),
        defaults.cancellations(),
        defaults.hungAfter());
  }
}
