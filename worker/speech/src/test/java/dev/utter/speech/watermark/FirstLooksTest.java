package dev.utter.speech.watermark;

import static dev.utter.speech.watermark.FirstLooks.RATE;
import static dev.utter.speech.watermark.FirstLooks.RING;
import static dev.utter.speech.watermark.FirstLooks.speech;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.torch.NativeMemory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What first looks read. {@link ShortClipVerdictsTest} and {@link LongClipVerdictsTest} compare
 * verdicts.
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
    assertThat(looks.read).hasValue(8L * looks.numbers().sampleRate());
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
