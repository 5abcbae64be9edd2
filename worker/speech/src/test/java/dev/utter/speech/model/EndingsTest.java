package dev.utter.speech.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.checkpoint.AlteredCheckpoint;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.torch.NativeMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints altered so that generation must end in one way. */
class EndingsTest {

  private static final Utterance HELLO = new Utterance(0, "Hello from Sesame.");
  private static final Path TINY = Path.of("src/test/fixtures/csm-tiny");
  private static final int FRAME_SAMPLES = 1920;
  private static final int VOCABULARY = 67;
  private static final String BACKBONE_TABLE =
      "backbone_model.embed_tokens.embed_audio_tokens.weight";
  private static final String DEPTH_TABLE = "depth_decoder.model.embed_tokens.weight";

  @TempDir private Path folder;

  @Test
  void anEndBeforeTheFirstFrameIsAnError() {
    // Given
    AlteredCheckpoint.write(folder, EndingsTest::preferNothing);
    try (SpeechModel model = SpeechModels.load(folder, SpeechModelTest.SETTINGS)) {

      // When / Then
      assertThatThrownBy(
              () -> model.speak(HELLO, SynthesisOptions.greedy(9), FrameListener.KEEP_GOING))
          .isInstanceOf(EmptyAudioException.class);
    }
  }

  @Test
  void aFrameOfZerosEndsTheAudioAndIsNotDecoded() {
    // Given
    AlteredCheckpoint.write(folder, checkpoint -> preferCode(checkpoint, 0, 6));
    try (SpeechModel model = SpeechModels.load(folder, SpeechModelTest.SETTINGS)) {

      // When
      Speech speech =
          model.speak(HELLO, new SynthesisOptions(400, 1, 2, 12), FrameListener.KEEP_GOING);

      // Then
      assertThat(speech.finishReason()).isEqualTo(FinishReason.END_OF_AUDIO);
      assertThat(speech.codes().frames()).isBetween(1, 399);
      for (int frame = 0; frame < speech.codes().frames(); frame++) {
        assertThat(speech.codes().frame(frame)).isNotEqualTo(new int[8]);
      }
    }
  }

  @Test
  void aFrameRepeatedOverAndOverEndsTheAudio() {
    // Given
    AlteredCheckpoint.write(folder, checkpoint -> preferCode(checkpoint, 5, 10));
    try (SpeechModel model = SpeechModels.load(folder, SpeechModelTest.SETTINGS)) {

      // When
      Speech speech = model.speak(HELLO, SynthesisOptions.greedy(100), FrameListener.KEEP_GOING);

      // Then
      assertThat(speech.finishReason()).isEqualTo(FinishReason.REPEATED_FRAME);
      assertThat(speech.codes().values()).containsExactly(5, 5, 5, 5, 5, 5, 5, 5);
    }
  }

  @Test
  void aClipTooLongForItsTextEndsAndStaysWhole() {
    // Given: one second for any text
    EndingSettings endings =
        new EndingSettings(
            0,
            Optional.empty(),
            Optional.of(new EndingSettings.Runaway(Duration.ofSeconds(1), Duration.ZERO)));
    try (SpeechModel model =
        SpeechModels.load(TINY, SpeechModelTest.SETTINGS.withEndings(endings))) {

      // When
      Speech speech = model.speak(HELLO, SynthesisOptions.sampled(40, 3), FrameListener.KEEP_GOING);

      // Then
      assertThat(speech.finishReason()).isEqualTo(FinishReason.RUNAWAY);
      assertThat(speech.codes().frames()).isEqualTo(13);
      assertThat(speech.audio().samples()).hasSize(13 * FRAME_SAMPLES);
    }
  }

  @Test
  void aClipThatFellSilentEndsWithTheBeginningOfTheSilence() {
    // Given: everything but the loudest frame counts as silence
    float[] whole;
    try (SpeechModel model = SpeechModels.load(TINY, SpeechModelTest.SETTINGS)) {
      whole = speak(model).audio().samples();
    }
    double loudest = IntStream.range(0, 40).mapToDouble(i -> level(whole, i)).max().orElseThrow();
    int last = IntStream.range(0, 40).filter(i -> level(whole, i) == loudest).sum();
    EndingSettings endings =
        new EndingSettings(
            0,
            Optional.of(
                new EndingSettings.Silence(
                    loudest - 1e-6, Duration.ofMillis(240), Duration.ofMillis(80))),
            Optional.empty());
    try (SpeechModel model =
        SpeechModels.load(TINY, SpeechModelTest.SETTINGS.withEndings(endings))) {

      // When
      Speech speech = speak(model);

      // Then
      assertThat(last).isLessThan(36);
      assertThat(speech.finishReason()).isEqualTo(FinishReason.SILENCE);
      assertThat(speech.codes().frames()).isEqualTo(last + 2);
      assertThat(speech.audio().samples())
          .containsExactly(Arrays.copyOf(whole, (last + 2) * FRAME_SAMPLES), within(1e-4f));
    }
  }

  private static Speech speak(SpeechModel model) {
    return model.speak(HELLO, SynthesisOptions.sampled(40, 3), FrameListener.KEEP_GOING);
  }

  /** Root mean square of a frame in dBFS. */
  private static double level(float[] samples, int frame) {
    double power = 0;
    for (int i = frame * FRAME_SAMPLES; i < (frame + 1) * FRAME_SAMPLES; i++) {
      power += (double) samples[i] * samples[i];
    }
    return 10 * Math.log10(power / FRAME_SAMPLES);
  }

  @Test
  void idsPastTheCodecsCodebookAreNeverChosen() {
    // Given
    AlteredCheckpoint.write(folder, checkpoint -> preferCode(checkpoint, 66, 10));
    try (SpeechModel model = SpeechModels.load(folder, SpeechModelTest.SETTINGS)) {

      // When
      Speech speech = model.speak(HELLO, SynthesisOptions.sampled(20, 7), FrameListener.KEEP_GOING);

      // Then
      assertThat(Arrays.stream(speech.codes().values())).allMatch(code -> code < 64);
    }
  }

  @Test
  void brokenWeightsAreAnErrorAndNotNoise() {
    // Given
    AlteredCheckpoint.write(
        folder,
        checkpoint ->
            checkpoint.change("backbone_model.norm.weight", w -> Arrays.fill(w, Float.NaN)));
    try (SpeechModel model = SpeechModels.load(folder, SpeechModelTest.SETTINGS)) {

      // When / Then
      assertThatThrownBy(
              () -> model.speak(HELLO, SynthesisOptions.greedy(9), FrameListener.KEEP_GOING))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not finite");
    }
  }

  @Test
  void aMissingTensorIsNamedAndLeavesNothingOpen() {
    // Given
    long owners = NativeMemory.openOwners();
    AlteredCheckpoint.write(
        folder, checkpoint -> checkpoint.remove("depth_decoder.model.norm.weight"));

    // When / Then
    assertThatThrownBy(() -> SpeechModels.load(folder, SpeechModelTest.SETTINGS))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("depth_decoder.model.norm.weight")
        .hasMessageContaining("found nothing");
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
  }

  @Test
  void aTiedTableMayBeStoredOnce(@TempDir Path other) {
    // Given
    AlteredCheckpoint.write(folder, checkpoint -> checkpoint.remove(DEPTH_TABLE));
    AlteredCheckpoint.write(other, checkpoint -> checkpoint.copy(BACKBONE_TABLE, DEPTH_TABLE));
    try (SpeechModel once = SpeechModels.load(folder, SpeechModelTest.SETTINGS);
        SpeechModel twice = SpeechModels.load(other, SpeechModelTest.SETTINGS)) {

      // When
      Speech fromOne = once.speak(HELLO, SynthesisOptions.greedy(4), FrameListener.KEEP_GOING);
      Speech fromTwo = twice.speak(HELLO, SynthesisOptions.greedy(4), FrameListener.KEEP_GOING);

      // Then
      assertThat(fromOne.codes()).isEqualTo(fromTwo.codes());
    }
  }

  /** All logits zero: the first code of all, 0, wins everywhere. */
  private static void preferNothing(AlteredCheckpoint checkpoint) {
    checkpoint.zero("lm_head.weight");
    checkpoint.zero("codebooks_head.weight");
  }

  /**
   * Every embedding is the first unit vector and every layer does nothing, so every state is that
   * vector times a known number: the logit of one code can be set.
   */
  private static void preferCode(AlteredCheckpoint checkpoint, int code, float logit) {
    preferNothing(checkpoint);
    checkpoint.zero("layers.");
    for (String table : new String[] {"embed_text_tokens.weight", BACKBONE_TABLE, DEPTH_TABLE}) {
      checkpoint.change(table, w -> firstUnit(w, 64));
    }
    checkpoint.change("backbone_model.norm.weight", w -> Arrays.fill(w, 1 / 8f));
    checkpoint.change(
        "depth_decoder.model.norm.weight", w -> Arrays.fill(w, 1 / (float) Math.sqrt(48)));
    checkpoint.change(
        "depth_decoder.model.inputs_embeds_projector.weight",
        w -> {
          Arrays.fill(w, 0);
          w[0] = 1;
        });
    checkpoint.change("lm_head.weight", w -> w[code * 64] = logit);
    checkpoint.change(
        "depth_decoder.codebooks_head.weight",
        w -> {
          for (int codebook = 0; codebook < 7; codebook++) {
            w[codebook * 48 * VOCABULARY + code] = logit;
          }
        });
  }

  private static void firstUnit(float[] table, int width) {
    for (int i = 0; i < table.length; i++) {
      table[i] = i % width == 0 ? 1 : 0;
    }
  }
}
