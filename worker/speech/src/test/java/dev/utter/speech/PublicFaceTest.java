package dev.utter.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.failure.ContextTooLongException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicFaceTest {

  @Test
  void codesAreKeptByContentAndCannotBeChangedFromOutside() {
    // Given
    int[] values = {1, 2, 3, 4, 5, 6};
    AudioCodes codes = new AudioCodes(3, values);

    // When
    values[0] = 9;
    codes.values()[1] = 9;

    // Then
    assertThat(codes).isEqualTo(new AudioCodes(3, new int[] {1, 2, 3, 4, 5, 6}));
    assertThat(codes).hasSameHashCodeAs(new AudioCodes(3, new int[] {1, 2, 3, 4, 5, 6}));
    assertThat(codes).isNotEqualTo(new AudioCodes(2, new int[] {1, 2, 3, 4, 5, 6}));
    assertThat(codes.frames()).isEqualTo(2);
    assertThat(codes.frame(1)).containsExactly(4, 5, 6);
    assertThat(codes.code(1, 2)).isEqualTo(6);
    assertThatThrownBy(() -> codes.frame(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> codes.code(0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void codesMustBeWholeFrames() {
    assertThatThrownBy(() -> new AudioCodes(4, new int[6]))
        .hasMessage("6 codes are not a whole number of frames of 4");
    assertThatThrownBy(() -> new AudioCodes(0, new int[0])).hasMessageContaining("at least 1");
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -1, Float.NaN, Float.POSITIVE_INFINITY})
  void refusesATemperatureThatCannotDivide(float temperature) {
    assertThatThrownBy(() -> new SynthesisOptions(1, temperature, 1, 0))
        .hasMessage("temperature is " + temperature + ", must be finite and above 0");
  }

  @Test
  void refusesOptionsThatGiveNothing() {
    assertThatThrownBy(() -> new SynthesisOptions(0, 1, 1, 0))
        .hasMessageContaining("maxFrames is 0");
    assertThatThrownBy(() -> new SynthesisOptions(1, 1, 0, 0)).hasMessageContaining("topK is 0");
  }

  @Test
  void knowsGreedyOptions() {
    assertThat(SynthesisOptions.greedy(7)).isEqualTo(new SynthesisOptions(7, 1, 1, 0));
    assertThat(SynthesisOptions.greedy(7).isGreedy()).isTrue();
    assertThat(SynthesisOptions.sampled(7, 3)).isEqualTo(new SynthesisOptions(7, 0.9f, 50, 3));
    assertThat(SynthesisOptions.sampled(7, 3).isGreedy()).isFalse();
  }

  @Test
  void convertsBetweenFramesAndDuration() {
    // Given
    ModelDescription model = new ModelDescription("m", "r", 24_000, 1920, 32, 2048, 2048);

    // When / Then
    assertThat(model.duration(1125)).isEqualTo(Duration.ofSeconds(90));
    assertThat(model.frames(Duration.ofSeconds(90))).isEqualTo(1125);
    assertThat(model.frames(Duration.ofMillis(79))).isZero();
    assertThat(model.frames(Duration.ofMillis(80))).isEqualTo(1);
  }

  @Test
  void reportsByHowMuchTheContextIsTooLong() {
    // When
    ContextTooLongException e = new ContextTooLongException(2000, 125, 2048);

    // Then
    assertThat(e.excess()).isEqualTo(77);
    assertThat(e).hasMessageContaining("by 77 frames or tokens");
  }

  @Test
  void textStaysOutOfDescriptions() {
    assertThat(new Utterance(3, "a secret").toString()).contains("3").doesNotContain("secret");
    assertThat(new ContextSegment(0, "a secret", new AudioCodes(1, new int[1])).toString())
        .doesNotContain("secret");
  }
}
