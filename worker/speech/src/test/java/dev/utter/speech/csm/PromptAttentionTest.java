package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Attention of prompts by plain products, as on a GPU in half precision, against the fused one. */
class PromptAttentionTest {

  private static final int CHUNK = 17;

  private static LoadedModel tiny;

  @BeforeAll
  static void load() {
    tiny = new LoadedModel(Path.of("src/test/fixtures/csm-tiny"), GenerationSettings.defaults());
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  @Test
  void plainProductsGiveTheNumbersOfTheFusedKernel() {
    // Given
    try (CsmProgram program = load(Precision.FLOAT32)) {
      float[] fused = logits(program);

      // When
      program.storeScores();

      // Then
      assertThat(logits(program)).containsExactly(fused, within(1e-4f));
    }
  }

  @Test
  void inHalfPrecisionTheyAreAsCloseToTheExactNumbersAsTheFusedKernel() {
    // Given
    float[] exact;
    try (CsmProgram program = load(Precision.FLOAT32)) {
      exact = logits(program);
    }
    try (CsmProgram program = load(Precision.BFLOAT16)) {
      double fused = meanDistance(logits(program), exact);

      // When
      program.storeScores();
      double plain = meanDistance(logits(program), exact);

      // Then
      assertThat(fused).isPositive();
      assertThat(plain).isPositive().isLessThan(1.5 * fused);
    }
  }

  private static CsmProgram load(Precision precision) {
    TorchEngine engine =
        TorchEngine.start(
            EngineSettings.defaults()
                .withThreads(1)
                .withKernels(Kernels.LIBTORCH)
                .withPrecision(precision));
    return CsmProgram.load(engine, tiny.checkpoint);
  }

  private static double meanDistance(float[] some, float[] others) {
    return IntStream.range(0, some.length)
        .mapToDouble(i -> Math.abs(some[i] - others[i]))
        .average()
        .orElseThrow();
  }

  /** Of the first codebook, after the whole prompt. */
  private static float[] logits(CsmProgram program) {
    Prompt prompt = tiny.promptWithContext(60);
    int last = prompt.positions() - 1;
    SynthesisOptions greedy = SynthesisOptions.greedy(1);
    program.reserve(1, prompt.positions());
    program.trace(true);
    try (KeyValues keyValues = program.newKeyValues(last)) {
      for (int from = 0; from < last; from += CHUNK) {
        program.prefill(keyValues, prompt, from, Math.min(from + CHUNK, last));
      }
      program.join(0, keyValues, prompt.rows(last, last + 1), last, 0, greedy);
    }
    program.stepAlone(prompt.positions(), program.topK(greedy));
    return program.latestTrace().codebook0Logits();
  }
}
