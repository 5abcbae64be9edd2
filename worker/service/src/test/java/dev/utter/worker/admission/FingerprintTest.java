package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FingerprintTest {
  private static final SynthesisRequested REQUEST =
      SynthesisRequested.newBuilder()
          .setRequestId("a-1")
          .setText("Hello.")
          .setSpeaker(1)
          .setContext(
              List.of(new ContextUtterance(2, "Hi.", new ObjectReference("voices", "b.wav", null))))
          .setAttributes(Map.of("tenant", "t", "page", "7"))
          .setRequestedAt(Instant.ofEpochMilli(1_700_000_000_000L))
          .build();

  @Test
  void isTheSameWhenTheSchemaGrows() {
    assertThat(Fingerprint.of(REQUEST))
        .as("entries of running systems hold this: a new field may only count if it is set")
        .hasToString("2ba4ce9eb7c40ce350afd505dd5f8f9b4b8703ac4b256927a474eb5d3f432271");
  }

  @Test
  void isTheSameForARequestPublishedAgain() {
    // Given
    Map<String, String> reordered = new LinkedHashMap<>();
    reordered.put("page", "7");
    reordered.put("tenant", "t");

    // When
    SynthesisRequested again =
        SynthesisRequested.newBuilder(REQUEST)
            .setRequestedAt(Instant.ofEpochMilli(1_700_000_099_000L))
            .setDeadline(Instant.ofEpochMilli(1_700_000_199_000L))
            .setAttributes(reordered)
            .build();

    // Then
    assertThat(Fingerprint.of(again)).isEqualTo(Fingerprint.of(REQUEST));
  }

  @Test
  void distinguishesRequestsByEveryOtherField() {
    // Given
    GenerationOptions options = REQUEST.getOptions();
    ObjectReference version = new ObjectReference("voices", "b.wav", "v1");
    ObjectReference otherVersion = new ObjectReference("voices", "b.wav", "v2");
    List<SynthesisRequested.Builder> others =
        List.of(
            change().setRequestId("a-2"),
            change().setText("Hello!"),
            change().setSpeaker(0),
            change().setContext(List.of()),
            change().setContext(List.of(new ContextUtterance(2, "Hi.", version))),
            change().setContext(List.of(new ContextUtterance(2, "Hi.", otherVersion))),
            change().setOptions(options(options).setMaxDurationMillis(20_000).build()),
            change().setOptions(options(options).setTemperature(0.8f).build()),
            change().setOptions(options(options).setTopK(40).build()),
            change().setOptions(options(options).setSeed(0L).build()),
            change().setOptions(options(options).setSeed(1L).build()),
            change().setOptions(options(options).setFormat(AudioFormat.FLAC).build()),
            change().setOutput(new OutputLocation("speech", null)),
            change().setOutput(new OutputLocation("songs", null)),
            change().setOutput(new OutputLocation(null, "speech")),
            change().setPriority(Priority.BULK),
            change().setTolerateDamagedContext(true),
            change().setAttributes(Map.of("tenant", "t")),
            change().setAttributes(Map.of("tenant", "7", "page", "t")));

    // When
    List<Fingerprint> fingerprints =
        others.stream().map(SynthesisRequested.Builder::build).map(Fingerprint::of).toList();

    // Then
    assertThat(fingerprints).doesNotHaveDuplicates().doesNotContain(Fingerprint.of(REQUEST));
  }

  @Test
  void isAValue() {
    // Given
    Fingerprint fingerprint = Fingerprint.ofUnreadable(new byte[] {1});

    // Then
    assertThat(fingerprint)
        .isEqualTo(Fingerprint.ofUnreadable(new byte[] {1}))
        .hasSameHashCodeAs(Fingerprint.ofUnreadable(new byte[] {1}))
        .isNotEqualTo(fingerprint.toString());
    assertThat(fingerprint.hashCode()).isNotEqualTo(Fingerprint.of(REQUEST).hashCode());
    assertThat(Fingerprint.ofUnreadable(null)).isEqualTo(Fingerprint.ofUnreadable(new byte[0]));
  }

  private static SynthesisRequested.Builder change() {
    return SynthesisRequested.newBuilder(REQUEST);
  }

  private static GenerationOptions.Builder options(GenerationOptions options) {
    return GenerationOptions.newBuilder(options);
  }
}
