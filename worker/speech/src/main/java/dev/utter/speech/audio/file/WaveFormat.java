package dev.utter.speech.audio.file;

import java.nio.ByteOrder;

/**
 * Layout of the samples of a WAV file.
 *
 * @param encoding encoding of a sample
 * @param channels 1 or more
 * @param rate sample frames per second
 * @param bytes bytes of one sample
 * @param order order of the bytes
 */
public record WaveFormat(Encoding encoding, int channels, int rate, int bytes, ByteOrder order) {

  /** The encoding of a sample. */
  public enum Encoding {
    /** Integers, left-justified where they have fewer bits than their bytes hold. */
    INTEGER,
    FLOAT,
    MU_LAW,
    A_LAW
  }

  /** Bytes of one sample of every channel. */
  public int frameBytes() {
    return channels * bytes;
  }
}
