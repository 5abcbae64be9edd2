package dev.utter.cli.verify;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.function.Function;

/** Reads arbitrary files as events and metadata. */
class SignedFactsFuzzTest {

  @FuzzTest
  void anEventIsReadOrRefused(byte[] bytes) {
    read(bytes, SignedFacts::ofEvent);
  }

  @FuzzTest
  void metadataIsReadOrRefused(byte[] bytes) {
    read(bytes, SignedFacts::ofMetadata);
  }

  private static void read(byte[] bytes, Function<JsonNode, Optional<SignedFacts>> reader) {
    try {
      reader.apply(SignedFacts.json(bytes)).ifPresent(facts -> facts.statement().bytes());
    } catch (IllegalArgumentException e) {
      // A refusal is the other permitted result.
    }
  }
}
