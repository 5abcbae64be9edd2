package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.text.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strict generation: the same request gives the same bits beside any other requests. */
class StrictGenerationTest {

  private static final int FRAMES = 14;

  private final EngineHarness harness =
      new EngineHarness(
          GenerationSettings.defaults()
              .withStrict(true)
              .withSlots(5)
              .withPrefillChunk(16)
              .withFramesPerDecode(3));

  private Prompt prompt;
  private Speech greedyAlone;
  private Speech sampledAlone;

  @BeforeEach
  void speakAlone() {
    prompt = harness.prompt("Hello from Sesame.", 1, 2);
    greedyAlone = harness.speak(prompt, options(1));
    sampledAlone = harness.speak(prompt, options(50));
    assertThat(greedyAlone.reusedPositions()).isZero();
  }

  @AfterEach
  void close() {
    harness.close();
  }

  private static SynthesisOptions options(int topK) {
    return new SynthesisOptions(FRAMES, 0.9f, topK, 42);
  }

  private void assertSame(Speech speech, int topK) {
    Speech alone = topK == 1 ? greedyAlone : sampledAlone;
    assertThat(speech.codes()).isEqualTo(alone.codes());
    assertThat(speech.audio().samples()).isEqualTo(alone.audio().samples());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50})
  void isTheSameWhereThePrefixWasKept(int topK) {
    // When
    Speech again = harness.speak(prompt, options(topK));

    // Then
    assertThat(again.reusedPositions()).isEqualTo(prompt.contextEnds().get(1));
    assertSame(again, topK);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50})
  void isTheSameInAFullBatchWithShorterAndLongerNeighbours(int topK) {
    // Given: neighbours that end before, with and after it, in every slot but one
    List<CompletableFuture<Speech>> neighbours = new ArrayList<>();
    neighbours.add(harness.submit(harness.prompt("Short."), SynthesisOptions.sampled(3, 1)));
    neighbours.add(harness.submit(harness.longPrompt(300, 3), SynthesisOptions.greedy(60)));
    neighbours.add(
        harness.submit(harness.prompt("Another one.", 2), SynthesisOptions.sampled(8, 2)));

    // When
    CompletableFuture<Speech> speech = harness.submit(prompt, options(topK));
    neighbours.add(harness.submit(harness.prompt("Late.", 4), SynthesisOptions.sampled(40, 3)));
    neighbours.add(harness.submit(harness.prompt("Later.", 5), SynthesisOptions.sampled(40, 4)));

    // Then
    assertSame(speech.join(), topK);
    neighbours.forEach(CompletableFuture::join);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50})
  void isTheSameInEverySlot(int topK) {
    // When
    List<CompletableFuture<Speech>> copies = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      copies.add(harness.submit(prompt, options(topK)));
    }

    // Then
    copies.forEach(copy -> assertSame(copy.join(), topK));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50})
  void isTheSameAfterPreemption(int topK) {
    // Given: when it has four frames, as many more urgent ones as there are slots come
    List<CompletableFuture<Speech>> urgent = new ArrayList<>();
    FrameListener listener =
        frames -> {
          if (frames == 4 && urgent.isEmpty()) {
            for (int i = 0; i < 5; i++) {
              urgent.add(
                  harness.submit(
                      harness.prompt("Now " + i),
                      SynthesisOptions.sampled(12, i),
                      Urgency.INTERACTIVE,
                      FrameListener.KEEP_GOING));
            }
          }
          return true;
        };

    // When
    Speech speech = harness.submit(prompt, options(topK), Urgency.BULK, listener).join();

    // Then
    EngineStatistics statistics = harness.engine.statistics();
    assertThat(statistics.preemptions()).isPositive();
    assertSame(speech, topK);
    urgent.forEach(CompletableFuture::join);
  }
}
