package dev.utter.speech.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds WAV files field by field, right or wrong. */
public final class WaveFile {
  private int tag = 1;
  private int subTag = -1;
  private int channels = 1;
  private int rate = 24_000;
  private int bits = 16;
  private Integer blockAlign;
  private Long dataSize;
  private byte[] data = new byte[8];
  private byte[] before = new byte[0];

  public WaveFile tag(int value) {
    tag = value;
    return this;
  }

  public WaveFile extensible(int value) {
    tag = 0xFFFE;
    subTag = value;
    return this;
  }

  public WaveFile channels(int value) {
    channels = value;
    return this;
  }

  public WaveFile rate(int value) {
    rate = value;
    return this;
  }

  public WaveFile bits(int value) {
    bits = value;
    return this;
  }

  public WaveFile blockAlign(int value) {
    blockAlign = value;
    return this;
  }

  WaveFile claimedDataSize(long value) {
    dataSize = value;
    return this;
  }

  public WaveFile data(byte... value) {
    data = value;
    return this;
  }

  public WaveFile data(ByteBuffer value) {
    return data(value.array());
  }

  public WaveFile chunkBefore(String name, byte... content) {
    before =
        buffer(8 + content.length + content.length % 2)
            .put(name.getBytes(StandardCharsets.US_ASCII))
            .putInt(content.length)
            .put(content)
            .array();
    return this;
  }

  public byte[] bytes() {
    int format = subTag < 0 ? 16 : 40;
    ByteBuffer out = buffer(12 + before.length + 8 + format + 8 + data.length);
    out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(out.capacity() - 8);
    out.put("WAVE".getBytes(StandardCharsets.US_ASCII)).put(before);
    out.put("fmt ".getBytes(StandardCharsets.US_ASCII)).putInt(format);
    out.putShort((short) tag).putShort((short) channels).putInt(rate);
    int align = blockAlign == null ? channels * bits / 8 : blockAlign;
    out.putInt(rate * align).putShort((short) align).putShort((short) bits);
    if (subTag >= 0) {
      out.putShort((short) 22).putShort((short) bits).putInt(0).putShort((short) subTag);
      out.put(new byte[] {0, 0, 0, 0, 16, 0, -128, 0, 0, -86, 0, 56, -101, 113});
    }
    out.put("data".getBytes(StandardCharsets.US_ASCII));
    out.putInt((int) (dataSize == null ? data.length : dataSize)).put(data);
    return out.array();
  }

  public static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
