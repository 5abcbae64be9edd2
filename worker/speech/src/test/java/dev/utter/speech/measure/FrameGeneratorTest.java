package dev.utter.speech.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.FrameListener;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.csm.LoadedModel;
import dev.utter.speech.csm.PlainCsm;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.FrameGenerator.Frames;
import dev.utter.speech.text.Prompt;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the fast path with its plain reference, and with itself run in other ways. */
class FrameGeneratorTest {

  private static LoadedModel tiny;
  private static LoadedModel newer;

  @BeforeAll
  static void load() {
    tiny = load("csm-tiny", GenerationSettings.defaults());
    newer = load("csm-newer", GenerationSettings.defaults().withPrefillChunk(7));
  }

  @AfterAll
  static void close() {
    tiny.close();
    newer.close();
  }

  private static LoadedModel load(String fixture, GenerationSettings settings) {
    return new LoadedModel(Path.of("src/test/fixtures", fixture), settings);
  }

  @Test
  void choosesTheCodesOfThePlainReferenceWhenGreedy() {
    for (LoadedModel model : List.of(tiny, newer)) {
      assertThatTwinsAgree(model, SynthesisOptions.greedy(6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7, 30, 1000})
  void choosesTheCodesOfThePlainReferenceWhenSampling(int topK) {
    for (LoadedModel model : List.of(tiny, newer)) {
      assertThatTwinsAgree(model, new SynthesisOptions(4, 0.8f, topK, -77L * topK));
    }
  }

  private static void assertThatTwinsAgree(LoadedModel model, SynthesisOptions options) {
    // Given
    Prompt prompt = model.promptWithContext(9);

    // When
    Frames frames = model.generator.generate(prompt, options, FrameListener.KEEP_GOING);
    List<int[]> plain = new PlainCsm(model.checkpoint).generate(prompt, options);

    // Then
    int[] expected = plain.stream().flatMapToInt(Arrays::stream).toArray();
    assertThat(frames.codes().values()).containsExactly(expected);
  }

  @Test
  void givesTheSameCodesForTheSameSeedAndOthersForAnother() {
    // Given
    Prompt prompt = tiny.prompt(0, "Again and again.");

    // When
    AudioCodes first = codes(prompt, SynthesisOptions.sampled(8, 42));
    AudioCodes unrelated = codes(tiny.promptWithContext(30), SynthesisOptions.sampled(8, 5));
    AudioCodes second = codes(prompt, SynthesisOptions.sampled(8, 42));
    AudioCodes other = codes(prompt, SynthesisOptions.sampled(8, 43));

    // Then
    assertThat(second).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(unrelated).isNotEqualTo(first);
  }

  private static AudioCodes codes(Prompt prompt, SynthesisOptions options) {
    return tiny.generator.generate(prompt, options, FrameListener.KEEP_GOING).codes();
  }

  @Test
  void neighbouringSlotsDoNotChangeEachOther() {
    // Given
    List<Prompt> prompts =
        List.of(
            tiny.prompt(0, "One."), tiny.promptWithContext(20), tiny.prompt(2, "Three, three."));
    List<SynthesisOptions> options =
        List.of(
            SynthesisOptions.sampled(6, 1),
            SynthesisOptions.greedy(6),
            new SynthesisOptions(6, 1.3f, 5, 9));
    tiny.program.reserve(3, 128);
    for (int slot = 0; slot < 3; slot++) {
      tiny.join(slot, prompts.get(slot), options.get(slot), 100);
    }
    int maxLength = prompts.stream().mapToInt(Prompt::positions).max().orElseThrow();

    for (int frame = 0; frame < 6; frame++) {
      // When
      List<Optional<int[]>> together = tiny.program.step(3, 3, maxLength + frame, 50, new long[0]);

      // Then
      for (int slot = 0; slot < 3; slot++) {
        AudioCodes alone = codes(prompts.get(slot), options.get(slot));
        assertThat(together.get(slot)).contains(alone.frame(frame));
      }
    }
  }

  @Test
  void prefillsInChunksOfAnySize() {
    // Given
    Prompt prompt = tiny.promptWithContext(40);
    SynthesisOptions options = SynthesisOptions.greedy(3);
    AudioCodes whole = codes(prompt, options);

    for (int chunk : new int[] {1, 5, prompt.positions() - 1}) {
      // When
      tiny.program.reserve(1, 128);
      tiny.join(0, prompt, options, chunk);

      // Then
      for (int frame = 0; frame < 3; frame++) {
        assertThat(tiny.program.step(1, 1, prompt.positions() + frame, 1, new long[0]).get(0))
            .contains(whole.frame(frame));
      }
    }
  }
}
