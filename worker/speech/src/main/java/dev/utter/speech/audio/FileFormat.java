package dev.utter.speech.audio;

/** The formats clips are written in; the same set is read. */
public enum FileFormat {
  /** RIFF WAVE, 16-bit integers. */
  WAV_PCM16("wav", "audio/wav"),
  /** RIFF WAVE, 32-bit floats: the samples exactly as they are. */
  WAV_FLOAT("wav", "audio/wav"),
  /** FLAC of 16-bit integers. */
  FLAC("flac", "audio/flac"),
  /** Opus in Ogg (RFC 7845). */
  OGG_OPUS("opus", "audio/ogg; codecs=opus"),
  /** MPEG layer III with a LAME header, so that players restore the exact length. */
  MP3("mp3", "audio/mpeg");

  private final String extension;
  private final String mediaType;

  FileFormat(String extension, String mediaType) {
    this.extension = extension;
    this.mediaType = mediaType;
  }

  /** The usual file name extension, without a dot. */
  public String extension() {
    return extension;
  }

  /** The media type for HTTP and object storage. */
  public String mediaType() {
    return mediaType;
  }
}
