package dev.utter.speech.audio.encode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.WaveFile;
import dev.utter.speech.audio.decode.AudioDecoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class WaveWriterTest {
  private final AudioEncoder encoder = new AudioEncoder(AudioLimits.DEFAULT);
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);

  @Test
  void roundsToTheNearestIntegerTiesToEvenAndClips() {
    float step = 1 / 32768f;
    float[] samples = {0, 0.4f * step, 0.5f * step, 1.5f * step, -0.6f * step, 1, 2, -1, -2};

    ByteBuffer pcm =
        ByteBuffer.wrap(WaveWriter.pcm16Samples(samples)).order(ByteOrder.LITTLE_ENDIAN);

    short[] written = new short[samples.length];
    pcm.asShortBuffer().get(written);
    assertThat(written).containsExactly(new short[] {0, 0, 0, 2, -1, 32767, 32767, -32768, -32768});
  }

  @Test
  void sixteenBitsComeBackAsTheyAre() {
    AudioClip clip = new AudioClip(new float[] {0, 100 / 32768f, -1, 32767 / 32768f}, 24_000);

    assertThat(decoder.decode(encoder.encode(clip, FileFormat.WAV_PCM16))).isEqualTo(clip);
  }

  @Test
  void floatsComeBackAsTheyAre() {
    AudioClip clip = new AudioClip(new float[] {0, 0.123456789f, -3.5f, Float.MIN_VALUE}, 11_025);

    assertThat(decoder.decode(encoder.encode(clip, FileFormat.WAV_FLOAT))).isEqualTo(clip);
  }

  @Test
  void aFileOfTheWriterHasThePublishedLayout() {
    byte[] book = new WaveFile().data((byte) 0, (byte) 64, (byte) 0, (byte) -64).bytes();

    assertThat(WaveWriter.pcm16(new AudioClip(new float[] {0.5f, -0.5f}, 24_000))).isEqualTo(book);
  }
}
