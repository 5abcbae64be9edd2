package dev.utter.speech.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Reads RIFF WAVE files: integers of 8, 16, 24 and 32 bits, floats of 32 and 64 bits, plain or
 * extensible, any number of channels (averaged). Trusts no number of the header: nothing is
 * allocated beyond what the file's own bytes can fill.
 */
final class WaveReader {
  private static final int PCM = 1;
  private static final int FLOAT = 3;
  private static final int EXTENSIBLE = 0xFFFE;

  /** Everything of an extensible sub-format's id but the tag in its first two bytes. */
  private static final byte[] SUB_FORMAT_TAIL = {
    0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38, (byte) 0x9B, 0x71
  };

  private final ByteBuffer file;
  private final Duration maxDuration;
  private int tag;
  private int channels;
  private int rate;
  private int bits;

  private WaveReader(byte[] bytes, Duration maxDuration) {
    file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.maxDuration = maxDuration;
  }

  static AudioClip read(byte[] bytes, Duration maxDuration) {
    return new WaveReader(bytes, maxDuration).clip();
  }

  private AudioClip clip() {
    if (file.limit() < 12) {
      throw new UnreadableAudioException(
          "WAV file has " + file.limit() + " bytes, its header alone takes 12");
    }
    file.position(8);
    String form = name();
    if (!form.equals("WAVE")) {
      throw new UnreadableAudioException("RIFF form is '" + form + "', must be 'WAVE'");
    }
    boolean formatSeen = false;
    while (file.remaining() >= 8) {
      String chunk = name();
      long size = Integer.toUnsignedLong(file.getInt());
      if (size > file.remaining()) {
        throw new UnreadableAudioException(
            "WAV chunk '%s' claims %d bytes, the file has %d left"
                .formatted(chunk, size, file.remaining()));
      }
      if (chunk.equals("data")) {
        if (!formatSeen) {
          throw new UnreadableAudioException("WAV chunk 'data' comes before any 'fmt ' chunk");
        }
        return data((int) size);
      }
      int next = (int) Math.min(file.limit(), file.position() + size + (size & 1));
      if (chunk.equals("fmt ")) {
        format((int) size);
        formatSeen = true;
      }
      file.position(next);
    }
    throw new UnreadableAudioException("WAV file has no 'data' chunk");
  }

  private void format(int size) {
    if (size < 16) {
      throw new UnreadableAudioException(
          "WAV chunk 'fmt ' has " + size + " bytes, must have at least 16");
    }
    int start = file.position();
    tag = file.getShort() & 0xFFFF;
    channels = file.getShort() & 0xFFFF;
    rate = file.getInt();
    file.getInt();
    int frameBytes = file.getShort() & 0xFFFF;
    bits = file.getShort() & 0xFFFF;
    if (tag == EXTENSIBLE) {
      tag = subFormat(start, size);
    }
    boolean known =
        tag == PCM && (bits == 8 || bits == 16 || bits == 24 || bits == 32)
            || tag == FLOAT && (bits == 32 || bits == 64);
    if (!known) {
      throw new UnreadableAudioException(
          "WAV format tag is %d with %d bits, must be 1 with 8, 16, 24 or 32 or 3 with 32 or 64"
              .formatted(tag, bits));
    }
    if (channels == 0) {
      throw new UnreadableAudioException("WAV channels is 0, must be at least 1");
    }
    Clips.checkRate("WAV", Integer.toUnsignedLong(rate));
    if (frameBytes != channels * bits / 8) {
      throw new UnreadableAudioException(
          "WAV block align is %d, must be %d for %d channels of %d bits"
              .formatted(frameBytes, channels * bits / 8, channels, bits));
    }
  }

  private int subFormat(int start, int size) {
    if (size < 40) {
      throw new UnreadableAudioException(
          "WAV chunk 'fmt ' has " + size + " bytes, an extensible one must have at least 40");
    }
    file.position(start + 24);
    int subTag = file.getShort() & 0xFFFF;
    byte[] tail = new byte[SUB_FORMAT_TAIL.length];
    file.get(tail);
    if (!Arrays.equals(tail, SUB_FORMAT_TAIL)) {
      throw new UnreadableAudioException("WAV sub-format is not one of the standard audio ones");
    }
    return subTag;
  }

  private AudioClip data(int size) {
    int frameBytes = channels * bits / 8;
    if (size == 0) {
      throw new UnreadableAudioException("WAV chunk 'data' has 0 bytes, a clip needs samples");
    }
    if (size % frameBytes != 0) {
      throw new UnreadableAudioException(
          "WAV chunk 'data' has %d bytes, must be a multiple of %d".formatted(size, frameBytes));
    }
    int frames = size / frameBytes;
    Clips.checkDuration(frames, rate, maxDuration);
    float[] samples = new float[frames];
    for (int frame = 0; frame < frames; frame++) {
      double sum = 0;
      for (int channel = 0; channel < channels; channel++) {
        sum += sample();
      }
      samples[frame] = (float) (sum / channels);
    }
    return new AudioClip(samples, rate);
  }

  private double sample() {
    if (tag == FLOAT) {
      return bits == 32 ? file.getFloat() : file.getDouble();
    }
    return switch (bits) {
      case 8 -> ((file.get() & 0xFF) - 128) / 128.0;
      case 16 -> file.getShort() / 32768.0;
      case 24 -> ((file.get() & 0xFF) | (file.get() & 0xFF) << 8 | file.get() << 16) / 8388608.0;
      default -> file.getInt() / 2147483648.0;
    };
  }

  private String name() {
    byte[] four = new byte[4];
    file.get(four);
    return new String(four, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?");
  }
}
