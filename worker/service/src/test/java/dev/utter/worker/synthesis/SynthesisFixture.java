package dev.utter.worker.synthesis;

import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.storage.ClipProof;
import java.time.Duration;
import java.util.List;

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

  static SynthesisSettings synthesis(String worker) {
    SynthesisSettings defaults = SynthesisSettings.defaults(worker, ACCESS);
    return new SynthesisSettings(
        worker,
        ACCESS,
        defaults.contextThreads(),
        defaults.finishingThreads(),
        defaults.prefetch(),
        defaults.codesCacheBytes(),
        1_000_000,
        2_000_000,
        new SynthesisSettings.Retries(
            Duration.ofMillis(50), Duration.ofMillis(400), defaults.retries().patience()),
        defaults.suspects(),
        defaults.shares(),
        defaults.publisherHeader(),
        defaults.cancellations(),
        defaults.hungAfter());
  }
}
