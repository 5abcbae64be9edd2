package dev.utter.speech.audio;

import java.util.stream.IntStream;

/** The formats clips are written in; many more are read. */
public enum FileFormat {
  /** RIFF WAVE, 16-bit integers. */
  WAV_PCM16("wav", "audio/wav"),
  /** RIFF WAVE, 32-bit floats: the samples exactly as they are. */
  WAV_FLOAT("wav", "audio/wav"),
  /** FLAC of 16-bit integers. */
  FLAC("flac", "audio/flac"),
  /** Opus in Ogg (RFC 7845). */
  OGG_OPUS("opus", "audio/ogg; codecs=opus", 8_000, 12_000, 16_000, 24_000, 48_000),
  /** MPEG layer III with a LAME header, so that players restore the exact length. */
  MP3("mp3", "audio/mpeg", 8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000);

  private final String extension;
  private final String mediaType;
  private final int[] rates;

  FileFormat(String extension, String mediaType, int... rates) {
    this.extension = extension;
    this.mediaType = mediaType;
    this.rates = rates;
  }

  /** The usual file name extension, without a dot. */
  public String extension() {
    return extension;
  }

  /** The media type for HTTP and object storage. */
  public String mediaType() {
    return mediaType;
  }

  /** The lowest rate of the format that loses nothing, else its highest. */
  public int nearestRate(int rate) {
    if (rates.length == 0) {
      return rate;
    }
    return IntStream.of(rates).filter(known -> known >= rate).findFirst().orElse(last());
  }

  private int last() {
    return rates[rates.length - 1];
  }
}
