package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Strict generation with weights held in every way there is. */
class StrictPrecisionTest {

  private static final GenerationSettings SETTINGS =
      GenerationSettings.defaults().withStrict(true).withSlots(3).withPrefillChunk(16);

  @ParameterizedTest
  @EnumSource(Precision.class)
  void isTheSameAloneAndAmongOthers(Precision precision) {
    // Given
    EngineSettings torch = EngineSettings.defaults().withThreads(1).withPrecision(precision);
    try (EngineHarness harness = new EngineHarness(SETTINGS, torch)) {
      Prompt prompt = harness.prompt("Hello from Sesame.", 1);
      SynthesisOptions options = SynthesisOptions.sampled(8, 42);
      Speech alone = harness.speak(prompt, options);

      // When
      List<CompletableFuture<Speech>> copies = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        copies.add(harness.submit(prompt, options));
        harness.submit(harness.longPrompt(1 + 40 * i, i), SynthesisOptions.sampled(3 + 4 * i, i));
      }

      // Then
      for (CompletableFuture<Speech> copy : copies) {
        assertThat(copy.join().codes()).isEqualTo(alone.codes());
        assertThat(copy.join().audio().samples()).isEqualTo(alone.audio().samples());
      }
    }
  }
}
