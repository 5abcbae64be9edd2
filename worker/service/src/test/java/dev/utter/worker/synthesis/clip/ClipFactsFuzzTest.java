package dev.utter.worker.synthesis.clip;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.worker.storage.ClipProof;
import dev.utter.worker.storage.object.ObjectLocation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The metadata of an object that lies where a clip would. */
class ClipFactsFuzzTest {
  private static final ObjectLocation LOCATION = ObjectLocation.newest("bucket", "key");
  private static final ClipProof PROOF = ClipProof.ofDevelopment();
  private static final List<String> KEYS =
      List.of(
          "utter-request-id",
          "utter-content",
          "utter-sha256",
          "utter-sample-rate",
          "utter-duration-millis",
          "utter-frames",
          "utter-finish-reason",
          "utter-seed",
          "utter-model-name",
          "utter-model-revision",
          "utter-watermark-key-id",
          "utter-watermark-confidence",
          "utter-signing-key-id",
          "utter-created-at-millis",
          "utter-signature",
          "utter-proof");

  /** A line for each key; an empty one leaves the key out. */
  @FuzzTest
  void metadataIsThatOfAClipOrNot(FuzzedDataProvider data) {
    String[] lines = data.consumeRemainingAsString().split("\n");
    Map<String, String> metadata = new HashMap<>();
    for (int i = 0; i < Math.min(lines.length, KEYS.size()); i++) {
      if (!lines[i].isEmpty()) {
        metadata.put(KEYS.get(i), lines[i]);
      }
    }
    if (PROOF.isProved(LOCATION, metadata)) {
      throw new AssertionError("proved: " + metadata);
    }
    Optional<ClipFacts> facts = ClipFacts.of(metadata);
    if (!facts.map(ClipFacts::metadata).flatMap(ClipFacts::of).equals(facts)) {
      throw new AssertionError("written and read again: " + facts);
    }
  }
}
