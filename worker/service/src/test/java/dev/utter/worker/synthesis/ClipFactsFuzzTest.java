package dev.utter.worker.synthesis;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The metadata of an object that lies where a clip would. */
class ClipFactsFuzzTest {
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
          "utter-watermark-confidence");

  @FuzzTest
  void metadataIsThatOfAClipOrNot(FuzzedDataProvider data) {
    Map<String, String> metadata = new HashMap<>();
    for (String line : data.consumeRemainingAsString().split("\n")) {
      int key = metadata.size() % KEYS.size();
      metadata.put(KEYS.get(key), line);
    }
    ClipFacts.of(metadata);
  }
}
