package dev.utter.speech.audio.encode;

import dev.utter.speech.audio.AudioClip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes mono RIFF WAVE files. */
public final class WaveWriter {
  private WaveWriter() {}

  public static byte[] pcm16(AudioClip clip) {
    byte[] data = pcm16Samples(clip.samples());
    ByteBuffer out = start(44 + data.length);
    format(out, 16, 1, clip.sampleRate(), 2);
    tag(out, "data").putInt(data.length).put(data);
    return out.array();
  }

  static byte[] float32(AudioClip clip) {
    int bytes = Math.multiplyExact(clip.samples().length, 4);
    ByteBuffer out = start(58 + bytes);
    format(out, 18, 3, clip.sampleRate(), 4);
    out.putShort((short) 0);
    tag(out, "fact").putInt(4).putInt(clip.samples().length);
    tag(out, "data").putInt(bytes);
    out.put(float32Samples(clip.samples()));
    return out.array();
  }

  /**
   * 16-bit integers, low byte first: the sample times 32768, rounded to the nearest integer (ties
   * to even), clipped to -32768..32767.
   */
  public static byte[] pcm16Samples(float[] samples) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(samples.length, 2)).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : samples) {
      double scaled = Math.rint(sample * 32768.0);
      out.putShort((short) Math.max(-32768, Math.min(32767, scaled)));
    }
    return out.array();
  }

  /** 32-bit floats, low byte first. */
  public static byte[] float32Samples(float[] samples) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(samples.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
    out.asFloatBuffer().put(samples);
    return out.array();
  }

  private static ByteBuffer start(int size) {
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    tag(out, "RIFF").putInt(size - 8);
    return tag(out, "WAVE");
  }

  private static void format(ByteBuffer out, int size, int tag, int rate, int sampleBytes) {
    tag(out, "fmt ").putInt(size).putShort((short) tag).putShort((short) 1).putInt(rate);
    out.putInt(rate * sampleBytes).putShort((short) sampleBytes);
    out.putShort((short) (8 * sampleBytes));
  }

  private static ByteBuffer tag(ByteBuffer out, String name) {
    return out.put(name.getBytes(StandardCharsets.US_ASCII));
  }
}
