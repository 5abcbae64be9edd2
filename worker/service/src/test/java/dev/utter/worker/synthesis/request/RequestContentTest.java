package dev.utter.worker.synthesis.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.worker.synthesis.SynthesisRig;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequestContentTest {
  private static final SynthesisRequested REQUEST =
      SynthesisRig.request("abc", "Hello.")
          .setSpeaker(3)
          .setContext(
              List.of(
                  utterance(1, "Hi.", "voices", "a.wav", null),
                  utterance(2, "Ho.", "voices", "b.wav", "v2")))
          .setOptions(new GenerationOptions(2400, 0.5f, 50, 7L, AudioFormat.FLAC))
          .build();

  private static ContextUtterance utterance(
      int speaker, String text, String bucket, String key, String version) {
    return new ContextUtterance(speaker, text, new ObjectReference(bucket, key, version));
  }

  private static SynthesisRequested.Builder change() {
    return SynthesisRequested.newBuilder(REQUEST);
  }

  /** Clips in the store have it in their metadata: another one would make all of them foreign. */
  @Test
  void theFingerprintOfARequestIsTheSameInEveryVersionOfTheWorker() {
    assertThat(RequestContent.fingerprint(REQUEST))
        .isEqualTo("61c9da02338847b264e209e6b5dd36c378bc71bd895feff2554840332d435bb6");
    assertThat(RequestContent.fingerprint(change().setTolerateDamagedContext(true).build()))
        .isEqualTo("58cd895e3ab25f83586a719f094d060665c99ab7959626ba5416d4558e44dc2b");
  }

  static Stream<SynthesisRequested> others() {
    return Stream.of(
        change().setContext(REQUEST.getContext().subList(0, 1)).build(),
        first(utterance(9, "Hi.", "voices", "a.wav", null)),
        first(utterance(1, "Hi!", "voices", "a.wav", null)),
        first(utterance(1, "Hi.", "others", "a.wav", null)),
        first(utterance(1, "Hi.", "voices", "c.wav", null)),
        first(utterance(1, "Hi.", "voices", "a.wav", "v1")),
        options(new GenerationOptions(2401, 0.5f, 50, 7L, AudioFormat.FLAC)),
        options(new GenerationOptions(2400, 0.6f, 50, 7L, AudioFormat.FLAC)),
        options(new GenerationOptions(2400, 0.5f, 50, 7L, AudioFormat.MP3)));
  }

  private static SynthesisRequested first(ContextUtterance utterance) {
    return change().setContext(List.of(utterance, REQUEST.getContext().get(1))).build();
  }

  private static SynthesisRequested options(GenerationOptions options) {
    return change().setOptions(options).build();
  }

  @ParameterizedTest
  @MethodSource("others")
  void aRequestForAnotherClipHasAnotherFingerprint(SynthesisRequested other) {
    assertThat(RequestContent.fingerprint(other)).isNotEqualTo(RequestContent.fingerprint(REQUEST));
  }
}
