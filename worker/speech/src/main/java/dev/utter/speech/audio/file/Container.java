package dev.utter.speech.audio.file;

/** The container formats that are known by their content. */
public enum Container {
  WAVE("WAV", "wav"),
  FLAC("FLAC", "flac"),
  OGG("Ogg", "ogg"),
  MPEG("MP3", "mp3"),
  MP4("MP4", "mov"),
  MATROSKA("WebM", "matroska"),
  AIFF("AIFF", "aiff"),
  CAF("CAF", "caf"),
  AU("AU", "au"),
  NIST("NIST SPHERE", "nistsphere"),
  AMR("AMR", "amr"),
  ADTS("AAC", "aac"),
  ASF("WMA", "asf"),
  AVI("AVI", "avi"),
  WAVPACK("WavPack", "wv"),
  TRUE_AUDIO("True Audio", "tta"),
  MONKEYS("Monkey's Audio", "ape"),
  VOC("VOC", "voc"),
  DOLBY("AC-3", "ac3,eac3"),
  TRANSPORT_STREAM("MPEG-TS", "mpegts"),
  /** Not known by its first bytes; the decoder program may still know it. */
  OTHER("the file", "");

  private final String title;
  private final String demuxers;

  Container(String title, String demuxers) {
    this.title = title;
    this.demuxers = demuxers;
  }

  /** The name used in messages. */
  public String title() {
    return title;
  }

  /** The demuxers of ffmpeg that may read it, separated by commas; empty if it is not known. */
  public String demuxers() {
    return demuxers;
  }

  static Container of(Bytes file) {
    if (file.has(0, "RIFF") && file.has(8, "AVI ")) {
      return AVI;
    }
    if (RiffReader.isRiff(file)) {
      return WAVE;
    }
    if (file.has(0, "fLaC")) {
      return FLAC;
    }
    if (file.has(0, "OggS")) {
      return OGG;
    }
    if (file.has(4, "ftyp") || file.has(4, "moov") || file.has(4, "moof")) {
      return MP4;
    }
    if (file.has(0, 0x1A, 0x45, 0xDF, 0xA3)) {
      return MATROSKA;
    }
    if (file.has(0, "FORM") && (file.has(8, "AIFF") || file.has(8, "AIFC"))) {
      return AIFF;
    }
    if (file.has(0, "caff")) {
      return CAF;
    }
    if (file.has(0, ".snd")) {
      return AU;
    }
    if (file.has(0, "NIST_1A")) {
      return NIST;
    }
    if (file.has(0, "#!AMR")) {
      return AMR;
    }
    if (file.has(0, 0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11)) {
      return ASF;
    }
    if (file.has(0, "wvpk")) {
      return WAVPACK;
    }
    if (file.has(0, "TTA1") || file.has(0, "TTA2")) {
      return TRUE_AUDIO;
    }
    if (file.has(0, "MAC ")) {
      return MONKEYS;
    }
    if (file.has(0, "Creative Voice File")) {
      return VOC;
    }
    if (file.has(0, 0x0B, 0x77)) {
      return DOLBY;
    }
    if (file.has(0, 0x47) && file.has(188, 0x47) && file.has(376, 0x47)) {
      return TRANSPORT_STREAM;
    }
    if (AdtsFrames.startAt(file, 0)) {
      return ADTS;
    }
    return MpegFrames.first(file, 0) >= 0 ? MPEG : OTHER;
  }
}
