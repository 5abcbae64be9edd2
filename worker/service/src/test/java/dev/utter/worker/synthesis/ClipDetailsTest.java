package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.options;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.FinishReason;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.AudioCodes;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.synthesis.clip.ClipFacts;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.request.RequestContent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClipDetailsTest {

  @Test
  void readsFromMetadataWhatItWroteThere() {
    // Given
    ClipFacts facts =
        new ClipFacts(
            "id",
            "f00d",
            "beef",
            48_000,
            2400,
            30,
            FinishReason.END_OF_AUDIO,
            -5,
            "csm",
            "0a",
            "k",
            0.875f,
            Optional.of(new ClipSignature("0011223344556677", Instant.ofEpochMilli(7), "c2ln")));

    // When
    Map<String, String> metadata = facts.metadata();

    // Then
    assertThat(ClipFacts.of(metadata)).hasValue(facts);
  }

  @Test
  void treatsMetadataWithAMissingEntryAsThatOfAnotherClip() {
    // Given
    Map<String, String> metadata =
        new ClipFacts(
                "id",
                "f",
                "s",
                1,
                1,
                1,
                FinishReason.MAX_DURATION,
                1,
                "m",
                "r",
                "k",
                1f,
                Optional.empty())
            .metadata();
    for (String key : Set.copyOf(metadata.keySet())) {
      Map<String, String> less = new HashMap<>(metadata);

      // When
      less.remove(key);

      // Then
      assertThat(ClipFacts.of(less)).isEmpty();
    }
  }

  @Test
  void fingerprintsOfRequestsForDifferentClipsDiffer() {
    // Given
    SynthesisRequested request = request("id", "text").build();
    List<SynthesisRequested> others =
        List.of(
            SynthesisRequested.newBuilder(request).setRequestId("i").setText("dtext").build(),
            SynthesisRequested.newBuilder(request).setText("text ").build(),
            SynthesisRequested.newBuilder(request).setSpeaker(1).build(),
            SynthesisRequested.newBuilder(request)
                .setOptions(options().setSeed(1L).build())
                .build(),
            SynthesisRequested.newBuilder(request)
                .setOptions(options().setTopK(2).build())
                .build());

    // When
    Set<String> fingerprints = new HashSet<>();
    others.forEach(other -> fingerprints.add(RequestContent.fingerprint(other)));

    // Then
    assertThat(fingerprints).hasSize(others.size());
    assertThat(fingerprints).doesNotContain(RequestContent.fingerprint(request));
  }

  @Test
  void fingerprintsAreTheSameForTheSameClip() {
    // Given
    SynthesisRequested request = request("id", "text").build();

    // When
    SynthesisRequested again =
        SynthesisRequested.newBuilder(request)
            .setRequestedAt(Instant.EPOCH)
            .setAttributes(Map.of())
            .setPriority(Priority.BULK)
            .build();

    // Then
    assertThat(RequestContent.fingerprint(again)).isEqualTo(RequestContent.fingerprint(request));
  }

  @Test
  void derivesTheSeedFromTheIdUnlessThereIsOne() {
    // Given
    SynthesisRequested derived = request("abc", "text").build();
    SynthesisRequested given =
        request("abc", "text").setOptions(options().setSeed(7L).build()).build();

    // Then
    assertThat(RequestContent.seed(given)).isEqualTo(7);
    // SHA-256("abc") begins ba7816bf 8f01cfea.
    assertThat(RequestContent.seed(derived)).isEqualTo(0xba7816bf8f01cfeaL);
  }

  @Test
  void keepsTheCodesUsedLastWithinItsBytes() {
    // Given
    List<Boolean> found = new ArrayList<>();
    List<Long> kept = new ArrayList<>();
    SynthesisListener listener =
        new SynthesisListener() {
          @Override
          public void codes(boolean hit) {
            found.add(hit);
          }

          @Override
          public void codesKept(long bytes) {
            kept.add(bytes);
          }
        };
    CodesCache cache = new CodesCache(10_000, listener);
    ContextAudio.Encoded codes =
        new ContextAudio.Encoded(new AudioCodes(1, new int[1000]), List.of());
    CodesCache.Key first = new CodesCache.Key("b", "first", "e");
    CodesCache.Key second = new CodesCache.Key("b", "second", "e");
    CodesCache.Key third = new CodesCache.Key("b", "third", "e");
    cache.put(first, codes);
    cache.put(second, codes);
    cache.get(first);

    // When
    cache.put(third, codes);

    // Then
    assertThat(cache.get(second)).isEmpty();
    assertThat(cache.get(first)).hasValue(codes);
    assertThat(cache.get(third)).hasValue(codes);
    assertThat(found).containsExactly(true, false, true, true);
    assertThat(kept).hasSize(3).allMatch(bytes -> bytes <= 10_000);
  }

  @Test
  void doublesPausesUpToTheLongest() {
    // Given
    JobStepRunner.Backoff backoff =
        new JobStepRunner.Backoff(Duration.ofMillis(200), Duration.ofSeconds(1));

    // Then
    assertThat(backoff.after(0)).isEqualTo(Duration.ofMillis(200));
    assertThat(backoff.after(2)).isEqualTo(Duration.ofMillis(800));
    assertThat(backoff.after(3)).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.after(1_000_000)).isEqualTo(Duration.ofSeconds(1));
  }
}
