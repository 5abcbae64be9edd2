package dev.utter.speech.audio.file;

/** Tags in front of and behind the audio. */
final class Tags {
  private static final int ID3V2_HEADER = 10;
  private static final int ID3V2_FOOTER_FLAG = 0x10;
  private static final int ID3V1 = 128;
  private static final int APE_HEADER = 32;
  private static final int APE_SIZE = 12;
  private static final int APE_FLAGS = 20;
  private static final long APE_HAS_HEADER = 0x80000000L;

  private Tags() {}

  /** The file without the tags around it. */
  static Bytes strip(Bytes file) {
    Bytes rest = file;
    int tag = lengthInFront(rest);
    while (tag > 0 && rest.length() > 0) {
      rest = rest.from(tag);
      tag = lengthInFront(rest);
    }
    tag = lengthBehind(rest);
    while (tag > 0 && tag <= rest.length()) {
      rest = new Bytes(rest.array(), rest.from(), rest.to() - tag);
      tag = lengthBehind(rest);
    }
    return rest;
  }

  /** Length of the tag at the start, or 0. */
  static int lengthInFront(Bytes file) {
    if (file.has(0, "ID3") && file.length() >= ID3V2_HEADER) {
      boolean syncSafe = (file.at(6) | file.at(7) | file.at(8) | file.at(9)) < 0x80;
      if (!syncSafe) {
        return 0;
      }
      int size = file.at(6) << 21 | file.at(7) << 14 | file.at(8) << 7 | file.at(9);
      int footer = (file.at(5) & ID3V2_FOOTER_FLAG) == 0 ? 0 : ID3V2_HEADER;
      return ID3V2_HEADER + size + footer;
    }
    if (file.has(0, "APETAGEX")) {
      long size = file.little(APE_SIZE, 4);
      boolean complete = file.has(size, "APETAGEX");
      return APE_HEADER + (complete ? (int) size : 0);
    }
    return 0;
  }

  private static int lengthBehind(Bytes file) {
    if (file.has(file.length() - ID3V1, "TAG")) {
      return ID3V1;
    }
    int footer = file.length() - APE_HEADER;
    if (file.has(footer, "APETAGEX")) {
      long header = (file.little(footer + APE_FLAGS, 4) & APE_HAS_HEADER) == 0 ? 0 : APE_HEADER;
      return (int) Math.min(file.length(), file.little(footer + APE_SIZE, 4) + header);
    }
    return 0;
  }
}
