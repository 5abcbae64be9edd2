package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.FrameGenerator;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.TextPrompts;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A model whose every size, rotary embedding and element type differs from the development one. */
class OtherSizesTest {

  @Test
  void generateAsTheReferenceDoes() {
    // Given
    Path directory = TinyCheckpoint.ODD_DIRECTORY;
    Checkpoint checkpoint = Checkpoint.open(directory);
    Map<String, StoredTensor> reference =
        TinyCheckpoint.numbers(directory.resolve("reference.safetensors"));
    int[] codes = TinyCheckpoint.ints(reference.get("case.plain.codes"));
    int[] ids = TinyCheckpoint.ints(reference.get("case.plain.input_ids"));
    Prompt prompt = TextPrompts.of(checkpoint.config().codebooks(), ids);
    SynthesisOptions greedy =
        SynthesisOptions.greedy(codes.length / checkpoint.config().codebooks());
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    List<Float> logits = new ArrayList<>();

    try (FrameGenerator generator =
        FrameGenerator.load(
            engine, checkpoint, GenerationSettings.defaults(), EndingSettings.NONE)) {
      // When
      FrameGenerator.Frames frames =
          generator.generateTraced(
              prompt,
              greedy,
              trace -> {
                for (float logit : trace.codebook0Logits()) {
                  logits.add(logit);
                }
              });

      // Then
      assertThat(frames.codes().values()).isEqualTo(codes);
      float[] expected = TinyCheckpoint.floats(reference.get("case.plain.codebook0_logits"));
      assertThat(logits).hasSize(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat(logits.get(i)).isCloseTo(expected[i], within(1e-3f));
      }
    }
  }
}
