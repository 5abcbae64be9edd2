package dev.utter.speech.ending;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.FinishReason;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.config.MimiConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEndingTest {

  /** 12.5 frames of 1920 samples per second. */
  private static final MimiConfig CODEC =
      Checkpoint.open(TinyCheckpoint.DIRECTORY).config().codec();

  private static final float SOUND = 0.01f;
  private static final float SILENCE = 0.0009f;

  @Test
  void endsWithTheFrameOfZerosAndLeavesItOut() {
    // Given
    FrameEnding ending = ending(EndingSettings.NONE, 10);
    ending.add(new int[] {0, 3});

    // When / Then
    assertThat(ending.add(new int[] {0, 0})).contains(FinishReason.END_OF_AUDIO);
    assertThat(ending.codes()).containsExactly(0, 3);
  }

  @Test
  void endsWithTheLastFrameAskedFor() {
    // Given
    FrameEnding ending = ending(EndingSettings.NONE, 2);

    // When / Then
    assertThat(ending.add(new int[] {1, 3})).isEmpty();
    assertThat(ending.add(new int[] {1, 4})).contains(FinishReason.MAX_DURATION);
    assertThat(ending.codes()).containsExactly(1, 3, 1, 4);
  }

  @Test
  void endsWhenAFrameIsRepeatedAndKeepsOneOfThem() {
    // Given
    FrameEnding ending = ending(repeated(3), 10);
    ending.add(new int[] {1});
    ending.add(new int[] {2});
    ending.add(new int[] {2});
    ending.add(new int[] {1});
    ending.add(new int[] {2});
    ending.add(new int[] {2});

    // When / Then
    assertThat(ending.add(new int[] {2})).contains(FinishReason.REPEATED_FRAME);
    assertThat(ending.codes()).containsExactly(1, 2, 2, 1, 2);
  }

  @Test
  void lastFrameAndRepetitionAtOnceCountAsRepetition() {
    // Given
    FrameEnding ending = ending(repeated(2), 2);
    ending.add(new int[] {7});

    // When / Then
    assertThat(ending.add(new int[] {7})).contains(FinishReason.REPEATED_FRAME);
  }

  @Test
  void neverEndsBeforeTheLastFrameWithoutGuards() {
    // Given
    FrameEnding ending = ending(EndingSettings.NONE, 1000);
    ending.addSamples(level(1, SOUND));

    // When / Then
    for (int i = 0; i < 999; i++) {
      assertThat(ending.add(new int[] {7})).isEmpty();
      assertThat(ending.addSamples(level(1, 0))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void endsInSilenceAndKeepsItsBeginning(int framesPerCall) {
    // Given: 5 frames of sound, then silence; 1 s are 12.5 frames, hence 13; 100 ms are 2
    FrameEnding ending = ending(silence(Duration.ofSeconds(1), Duration.ofMillis(100)), 100);
    float[] clip = Arrays.copyOf(level(5, SOUND), 100 * CODEC.frameSamples());

    // When
    int frame = 0;
    Optional<FinishReason> reason = Optional.empty();
    while (reason.isEmpty()) {
      for (int i = 0; i < framesPerCall; i++) {
        ending.add(new int[] {1, frame + i});
      }
      int from = frame * CODEC.frameSamples();
      frame += framesPerCall;
      reason = ending.addSamples(Arrays.copyOfRange(clip, from, frame * CODEC.frameSamples()));
    }

    // Then
    assertThat(reason).contains(FinishReason.SILENCE);
    assertThat(frame).isBetween(5 + 13, 5 + 13 + framesPerCall - 1);
    assertThat(ending.count()).isEqualTo(5 + 2);
    assertThat(ending.codes(6)).containsExactly(1, 6);
  }

  @Test
  void goesOnWhenASoundBreaksTheSilence() {
    // Given
    FrameEnding ending = ending(silence(Duration.ofSeconds(1), Duration.ZERO), 100);
    for (int i = 0; i < 40; i++) {
      ending.add(new int[] {1, i});
    }

    // When / Then
    assertThat(ending.addSamples(level(1, SOUND))).isEmpty();
    assertThat(ending.addSamples(level(12, SILENCE))).isEmpty();
    assertThat(ending.addSamples(level(1, SOUND))).isEmpty();
    assertThat(ending.addSamples(level(12, SILENCE))).isEmpty();
    assertThat(ending.addSamples(level(1, SILENCE))).contains(FinishReason.SILENCE);
    assertThat(ending.count()).isEqualTo(14);
  }

  @Test
  void waitsForTheFirstSoundWithoutALimit() {
    // Given
    FrameEnding ending = ending(silence(Duration.ofSeconds(1), Duration.ZERO), 1000);

    // When / Then
    for (int i = 0; i < 900; i++) {
      assertThat(ending.add(new int[] {1, i})).isEmpty();
      assertThat(ending.addSamples(level(1, SILENCE))).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 13", "1, 19", "10, 75"})
  void endsWhenTheClipIsTooLongForItsText(int textTokens, int frames) {
    // Given: 1 s and half a second for each token
    EndingSettings settings =
        new EndingSettings(
            0,
            Optional.empty(),
            Optional.of(new EndingSettings.Runaway(Duration.ofSeconds(1), Duration.ofMillis(500))));
    FrameEnding ending = new FrameEnding(settings, CODEC, textTokens, 1000);

    // When
    Optional<FinishReason> reason = Optional.empty();
    while (reason.isEmpty()) {
      reason = ending.add(new int[] {1, ending.count()});
    }

    // Then
    assertThat(reason).contains(FinishReason.RUNAWAY);
    assertThat(ending.count()).isEqualTo(frames);
  }

  @Test
  void keepsItsFirstReasonToEnd() {
    // Given
    FrameEnding ending = ending(silence(Duration.ofMillis(80), Duration.ZERO), 2);
    ending.addSamples(level(1, SOUND));
    ending.add(new int[] {1});
    ending.add(new int[] {2});

    // When / Then
    assertThat(ending.addSamples(level(1, 0))).contains(FinishReason.MAX_DURATION);
    assertThat(ending.add(new int[] {3})).contains(FinishReason.MAX_DURATION);
    assertThat(ending.codes()).containsExactly(1, 2);
  }

  private static FrameEnding ending(EndingSettings settings, int maxFrames) {
    return new FrameEnding(settings, CODEC, 1, maxFrames);
  }

  private static EndingSettings repeated(int frames) {
    return new EndingSettings(frames, Optional.empty(), Optional.empty());
  }

  private static EndingSettings silence(Duration longest, Duration remainder) {
    return new EndingSettings(
        0, Optional.of(new EndingSettings.Silence(-60, longest, remainder)), Optional.empty());
  }

  /** Frames of one loudness; an alternating signal's root mean square is its height. */
  private static float[] level(int frames, float height) {
    float[] samples = new float[frames * CODEC.frameSamples()];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = i % 2 == 0 ? height : -height;
    }
    return samples;
  }
}
