package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.EngineStatistics;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.text.Prompt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {

  private static final GenerationSettings SETTINGS =
      GenerationSettings.defaults().withSlots(2).withPrefillChunk(9);

  private EngineHarness harness = new EngineHarness(SETTINGS);

  @AfterEach
  void close() {
    harness.close();
  }

  /** A cache for this number of segments of 20 frames. */
  private void startWithRoomFor(int segments) {
    int positions = harness.prompt("Hi.", 1).contextEnds().get(0);
    long segment = positions * SlotMemory.of(harness.checkpoint.config(), 4).bytesPerPosition();
    harness.close();
    harness = new EngineHarness(SETTINGS.withPrefixBytes(segments * segment));
  }

  private int reused(String text, long... contextSeeds) {
    return harness
        .speak(harness.prompt(text, contextSeeds), SynthesisOptions.greedy(1))
        .reusedPositions();
  }

  @Test
  void reusesTheLongestBeginningOfWholeSegments() {
    // Given
    Prompt prompt = harness.prompt("Hello.", 1, 2, 3);
    harness.speak(prompt, SynthesisOptions.greedy(1));

    // When / Then
    assertThat(reused("Other words.", 1, 2, 3)).isEqualTo(prompt.contextEnds().get(2));
    assertThat(reused("Other words.", 1, 2, 4)).isEqualTo(prompt.contextEnds().get(1));
    assertThat(reused("Other words.", 1)).isEqualTo(prompt.contextEnds().get(0));
    assertThat(reused("Other words.", 2, 3)).isZero();
    assertThat(reused("Other words.")).isZero();
    EngineStatistics.Prefixes prefixes = harness.engine.statistics().prefixes();
    assertThat(prefixes.hits()).isEqualTo(3);
    assertThat(prefixes.misses()).isEqualTo(2);
    assertThat(prefixes.entries()).isEqualTo(3 + 1 + 2);
    assertThat(prefixes.reusedPositions())
        .isEqualTo(prompt.contextEnds().stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void givesTheSameSamplesForAHitAsForAMiss() {
    for (int topK : new int[] {1, 50}) {
      // Given
      Prompt prompt = harness.prompt("Hello again.", 10 + topK, 5);
      SynthesisOptions options = new SynthesisOptions(10, 0.9f, topK, 3);
      Speech miss = harness.speak(prompt, options);

      // When
      Speech hit = harness.speak(prompt, options);

      // Then
      assertThat(miss.reusedPositions()).isZero();
      assertThat(hit.reusedPositions()).isEqualTo(prompt.contextEnds().get(1));
      assertThat(hit.codes()).isEqualTo(miss.codes());
      assertThat(hit.audio().samples()).isEqualTo(miss.audio().samples());
    }
  }

  @Test
  void dropsWhatWasNotUsedForLongest() {
    // Given
    startWithRoomFor(2);
    reused("Hi.", 1);
    reused("Hi.", 2);
    reused("Hi.", 1);

    // When
    reused("Hi.", 3);

    // Then
    assertThat(reused("Hi.", 1)).isPositive();
    assertThat(reused("Hi.", 3)).isPositive();
    assertThat(reused("Hi.", 2)).isZero();
    EngineStatistics.Prefixes prefixes = harness.engine.statistics().prefixes();
    assertThat(prefixes.evictions()).isEqualTo(2);
    assertThat(prefixes.bytes()).isEqualTo(prefixes.limitBytes());
  }

  @Test
  void dropsEndsOfChainsBeforeTheirBeginnings() {
    // Given
    startWithRoomFor(2);
    reused("Hi.", 1, 2);

    // When
    reused("Hi.", 3);

    // Then
    assertThat(reused("Hi.", 1, 2)).isEqualTo(harness.prompt("Hi.", 1, 2).contextEnds().get(0));
  }

  @Test
  void keepsNothingWithoutRoom() {
    // Given
    startWithRoomFor(0);
    reused("Hi.", 1);

    // When / Then
    assertThat(reused("Hi.", 1)).isZero();
    assertThat(harness.engine.statistics().prefixes().entries()).isZero();
  }

  @Test
  void keepsOnlyTheBeginningOfAChainThatDoesNotFit() {
    // Given
    startWithRoomFor(1);
    reused("Hi.", 1, 2);

    // When / Then
    assertThat(reused("Hi.", 1, 2)).isEqualTo(harness.prompt("Hi.", 1).contextEnds().get(0));
  }
}
