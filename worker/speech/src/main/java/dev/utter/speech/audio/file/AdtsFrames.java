package dev.utter.speech.audio.file;

/** The frames of AAC without a container. */
final class AdtsFrames {
  private static final int HEADER = 7;

  private AdtsFrames() {}

  /** Whether two frames, or the only one, lie at an offset. */
  static boolean startAt(Bytes file, int offset) {
    int length = length(file, offset);
    return length > 0 && (offset + length >= file.length() || length(file, offset + length) > 0);
  }

  private static int length(Bytes file, int at) {
    boolean sync =
        file.at(at) == 0xFF && (file.at(at + 1) & 0xF6) == 0xF0 && (file.at(at + 2) & 0x3C) < 0x34;
    int length = (file.at(at + 3) & 3) << 11 | file.at(at + 4) << 3 | file.at(at + 5) >> 5;
    return sync && length >= HEADER ? length : 0;
  }
}
