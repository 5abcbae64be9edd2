package dev.utter.speech.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The maximum cost of a file, for sound of any size. */
final class DecodingBoundTest {
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);

  @Test
  void aFlacOfAHighRateIsRefusedBeforeItsSoundIsDecoded() {
    // Given: 29 KB that decode to 137 million samples
    byte[] bomb = BombFiles.flac(768_000, 179);
    assertThat(bomb.length).isLessThan(30_000);
    long before = allocated();

    // When / Then
    assertThatThrownBy(() -> decoder.decode(bomb))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessage("FLAC sample rate is 768000 Hz, must be 1000 to 192000");
    assertThat(allocated() - before).isLessThan(2 << 20);
  }

  @Test
  void memoryGrowsWithTheResultAndNotWithTheSound() {
    // Given: 3 minutes at the highest rate are 138 MB of floats at that rate
    byte[] file = BombFiles.flac(192_000, 179);
    long before = allocated();

    // When
    AudioClip clip = decoder.decode(file, DecodeOptions.atRate(24_000)).clip();

    // Then
    assertThat(clip.duration()).isBetween(Duration.ofSeconds(178), Duration.ofSeconds(179));
    assertThat(allocated() - before).isLessThan(3 * Float.BYTES * (long) clip.length());
  }

  @Test
  void aWavOfAHighRateTakesNoMoreMemoryThanItsResult() {
    // Given
    byte[] file = new WaveFile().bits(8).rate(192_000).data(new byte[192_000 * 60]).bytes();
    long before = allocated();

    // When
    AudioClip clip = decoder.decode(file, DecodeOptions.atRate(24_000)).clip();

    // Then
    assertThat(clip.samples()).hasSize(24_000 * 60);
    assertThat(allocated() - before).isLessThan(3 * Float.BYTES * (long) clip.length());
  }

  @Test
  void aDecodeThatALimitKillsTwiceRefusesTheFile() {
    // Given
    AudioLimits hasty =
        new AudioLimits(1 << 20, Duration.ofMinutes(30), Duration.ofMillis(100), 1L << 30);

    // When / Then
    assertThatThrownBy(() -> new AudioDecoder(hasty).decode(BombFiles.flac(192_000, 1700)))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessage(
            "FLAC cannot be decoded within the limits: ffmpeg did not finish within PT0.1S");
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }
}
