package dev.utter.speech.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.torch.EngineSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SpeechModelTest {

  private static final Path FIXTURE = Path.of("src/test/fixtures/csm-tiny");

  private static SpeechModel model;

  @BeforeAll
  static void load() {
    model =
        SpeechModels.load(
            FIXTURE,
            SpeechSettings.defaults().withEngine(EngineSettings.defaults().withThreads(1)));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void speaksAsLongAsAsked() {
    // Given
    Utterance utterance = new Utterance(0, "Hello from Sesame.");

    // When
    Speech speech = model.speak(utterance, SynthesisOptions.greedy(5), FrameListener.KEEP_GOING);

    // Then
    assertThat(speech.finishReason()).isEqualTo(FinishReason.MAX_DURATION);
    assertThat(speech.codes().frames()).isEqualTo(5);
    assertThat(speech.audio().samples()).hasSize(5 * model.description().samplesPerFrame());
  }
}
