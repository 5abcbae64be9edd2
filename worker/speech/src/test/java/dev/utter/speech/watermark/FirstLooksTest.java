package dev.utter.speech.watermark;

import static dev.utter.speech.watermark.FirstLooks.RATE;
import static dev.utter.speech.watermark.FirstLooks.RING;
import static dev.utter.speech.watermark.FirstLooks.speech;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.watermark.network.Noise;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What first looks read. {@link ShortClipVerdictsTest}, {@link MiddleClipVerdictsTest} and {@link
 * LongClipVerdictsTest} compare verdicts.
 */
final class FirstLooksTest {
  private static final long OWNERS = NativeMemory.openOwners();
  private static FirstLooks looks;

  @BeforeAll
  static void load() {
    looks = new FirstLooks();
  }

  @AfterAll
  static void close() {
    looks.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(OWNERS);
  }

  @Test
  void ofALongMarkedClipOnePartIsRead() {
    // Given
    AudioClip clip = looks.marked(speech(1, RATE * 40));
    looks.read.set(0);

    // When
    Detection found = looks.quick.detect(clip, RING);

    // Then
    assertThat(found.matches()).isTrue();
    assertThat(looks.read).hasValue(looks.repeats(5));
  }

  @Test
  void ofMarkedClipsOfTenRepeatsLessThanThreeQuartersIsRead() {
    // Given
    long samples = 0;
    long read = 0;
    for (int number = 0; number < 16; number++) {
      AudioClip clip = looks.marked(looks.speechOf(10, number));
      looks.read.set(0);

      // When
      Detection found = looks.quick.detect(clip, RING);

      // Then
      assertThat(found.matches()).isTrue();
      samples += looks.repeats(10);
      read += looks.read.get();
    }
    assertThat(read).isLessThan(samples * 3 / 4);
  }

  @Test
  void aQuietBeginningDoesNotCostTheOtherPartsTheirLook() {
    // Given
    float[] samples = speech(1, RATE * 8).samples();
    float[] hum = Noise.speechLike(1, RATE * 2);
    for (int i = 0; i < hum.length; i++) {
      samples[i] = hum[i] * 1e-4f;
    }
    AudioClip clip = looks.marked(new AudioClip(samples, RATE));
    looks.read.set(0);

    // When
    Detection found = looks.quick.detect(clip, RING);

    // Then
    assertThat(found.matches()).isTrue();
    assertThat(looks.read).hasValue(looks.repeats(5));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDecisivePartIsAMatchWhateverTheRestIs(boolean first) {
    int matches = 0;
    for (int number = 0; number < 4; number++) {
      // Given
      AudioClip clip = halfMarked(number, first, 0.2f);

      // When
      Detection found = looks.quick.detect(clip, RING);

      matches += found.matches() ? 1 : 0;
    }
    // Then: of most clips the loudest part is decisive
    assertThat(matches).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClipWhoseLoudestPartIsNotMarkedHasTheVerdictOfTheSearch(boolean first) {
    for (int number = 0; number < 3; number++) {
      looks.verdict(halfMarked(number, first, 5), "clip " + number);
    }
  }

  /** A clip whose other half is not marked, and is louder or quieter by a factor. */
  private static AudioClip halfMarked(int number, boolean first, float factor) {
    AudioClip speech = looks.speechOf(16, number);
    float[] samples = looks.marked(speech).samples();
    int middle = samples.length / 2;
    int from = first ? middle : 0;
    for (int i = from; i < from + middle; i++) {
      samples[i] = speech.samples()[i] * factor;
    }
    return new AudioClip(samples, RATE);
  }

  @Test
  void aLongClipWhoseBeginningIsNotMarkedIsSearched() {
    // Given
    AudioClip marked = looks.marked(speech(1, RATE * 20));
    float[] samples = marked.samples();
    System.arraycopy(speech(1, RATE * 8).samples(), 0, samples, 0, RATE * 8);

    // When
    Detection found = looks.quick.detect(new AudioClip(samples, RATE), RING);
    Detection searched = looks.thorough.search(new AudioClip(samples, RATE), RING);

    // Then
    assertThat(found.outcome()).isEqualTo(searched.outcome());
  }
}
