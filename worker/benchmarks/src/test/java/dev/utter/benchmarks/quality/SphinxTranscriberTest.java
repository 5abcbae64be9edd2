package dev.utter.benchmarks.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The built-in transcriber, on two words that espeak-ng speaks. */
@Tag("integration")
class SphinxTranscriberTest {
  @Test
  void wordsAreUnderstoodAndSilenceHasNone() throws IOException {
    // Given
    SphinxTranscriber ear = new SphinxTranscriber();
    AudioClip words;
    try (InputStream in = getClass().getResourceAsStream("good-morning.wav")) {
      words = new AudioDecoder(AudioLimits.DEFAULT).decode(in.readAllBytes());
    }

    // Then
    assertThat(ear.transcribe(words)).isEqualTo("good morning");
    assertThat(ear.transcribe(new AudioClip(new float[1_600], 16_000))).isEmpty();
  }
}
