package dev.utter.speech.audio.encode;

import dev.utter.speech.audio.ffmpeg.AudioToolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Completes the LAME header in an MP3's first frame, from which players know how many samples at
 * the start and at the end are padding. ffmpeg counts at most one frame of padding; if the clip's
 * last samples only begin a frame, there is more, and the decoded clip would be a few samples too
 * long. Layout: LAME's "Mp3 Info Tag revision 1".
 */
final class LameHeader {
  private static final byte[] INFO = "Info".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAMES = 8;
  private static final int DELAY_AND_PADDING = 141;
  private static final int CHECKSUM = 154;
  private static final int CHECKED_BYTES = 190;
  private static final int MAX_PADDING = 0xFFF;

  private LameHeader() {}

  /**
   * Sets the padding so that decoding gives back a number of samples.
   *
   * @param mp3 a mono file of constant bit rate with nothing before its first frame; changed in
   *     place
   * @throws AudioToolException if it has no such header
   */
  static void setLength(byte[] mp3, int rate, int samples) {
    int info = 4 + (rate >= 32_000 ? 17 : 9);
    if (mp3.length < CHECKED_BYTES || !Arrays.equals(mp3, info, info + 4, INFO, 0, 4)) {
      throw new AudioToolException("ffmpeg wrote an MP3 without a LAME header");
    }
    ByteBuffer header = ByteBuffer.wrap(mp3);
    long total = header.getInt(info + FRAMES) * (rate >= 32_000 ? 1152L : 576L);
    int delay = header.getInt(info + DELAY_AND_PADDING) >>> 20;
    long padding = total - delay - samples;
    if (padding < 0 || padding > MAX_PADDING) {
      throw new AudioToolException("ffmpeg wrote an MP3 of another length");
    }
    header.put(info + DELAY_AND_PADDING, (byte) (delay >> 4));
    header.put(info + DELAY_AND_PADDING + 1, (byte) (delay << 4 | padding >> 8));
    header.put(info + DELAY_AND_PADDING + 2, (byte) padding);
    header.putShort(info + CHECKSUM, (short) 0);
    header.putShort(info + CHECKSUM, checksum(mp3));
  }

  /** CRC-16 (ANSI, reflected) over the header with a checksum of zero. */
  private static short checksum(byte[] mp3) {
    int crc = 0;
    for (int i = 0; i < CHECKED_BYTES; i++) {
      crc ^= mp3[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >> 1 ^ ((crc & 1) == 0 ? 0 : 0xA001);
      }
    }
    return (short) crc;
  }
}
