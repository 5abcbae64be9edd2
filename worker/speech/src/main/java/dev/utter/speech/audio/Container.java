package dev.utter.speech.audio;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** What a file is by its first bytes; its name is never asked. */
enum Container {
  WAVE("WAV", "", ""),
  FLAC("FLAC", "flac", "flac"),
  OGG_OPUS("Ogg-Opus", "ogg", "opus"),
  MP3("MP3", "mp3", "mp3float");

  private static final int OGG_PAGE_HEADER = 27;

  private final String title;
  private final String demuxer;
  private final String codec;

  Container(String title, String demuxer, String codec) {
    this.title = title;
    this.demuxer = demuxer;
    this.codec = codec;
  }

  /** The name used in messages. */
  String title() {
    return title;
  }

  /** The only demuxer ffmpeg may use. */
  String demuxer() {
    return demuxer;
  }

  /** The only decoder ffmpeg may use. */
  String codec() {
    return codec;
  }

  static Container of(byte[] file) {
    if (file.length == 0) {
      throw new UnreadableAudioException("the file has 0 bytes");
    }
    if (has(file, 0, "RIFF")) {
      return WAVE;
    }
    if (has(file, 0, "fLaC")) {
      return FLAC;
    }
    if (has(file, 0, "OggS")) {
      return opusInOgg(file);
    }
    if (has(file, 0, "ID3") || isLayerThreeFrame(file)) {
      return MP3;
    }
    throw new UnreadableAudioException(
        "the file starts with bytes "
            + HexFormat.ofDelimiter(" ").formatHex(Arrays.copyOf(file, Math.min(4, file.length)))
            + ", must be WAV, FLAC, Ogg-Opus or MP3");
  }

  private static Container opusInOgg(byte[] file) {
    int segments = file.length < OGG_PAGE_HEADER ? 0 : file[OGG_PAGE_HEADER - 1] & 0xFF;
    if (!has(file, OGG_PAGE_HEADER + segments, "OpusHead")) {
      throw new UnreadableAudioException("the Ogg file's first stream is not Opus");
    }
    return OGG_OPUS;
  }

  /** MPEG audio frame header: sync, a defined version, layer III, a defined bit rate and rate. */
  private static boolean isLayerThreeFrame(byte[] file) {
    return file.length >= 4
        && (file[0] & 0xFF) == 0xFF
        && (file[1] & 0xE0) == 0xE0
        && (file[1] & 0x18) != 0x08
        && (file[1] & 0x06) == 0x02
        && (file[2] & 0xF0) != 0xF0
        && (file[2] & 0x0C) != 0x0C;
  }

  private static boolean has(byte[] file, int at, String text) {
    byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
    return file.length >= at + expected.length
        && Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
  }
}
