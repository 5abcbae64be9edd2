package dev.utter.speech.audio.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The header of FLAC files, which says how many samples follow. */
final class FlacHeader {
  private static final int STREAM_INFO = 8;
  private static final int LENGTH = 42;

  private FlacHeader() {}

  static List<Part> parts(Bytes file) {
    List<Part> parts = new ArrayList<>();
    int start = 0;
    while (start >= 0) {
      int next = next(file, start + LENGTH);
      int end = next < 0 ? file.length() : next;
      Bytes part = new Bytes(file.array(), file.from() + start, file.from() + end);
      long total = part.big(STREAM_INFO + 13, 5) & 0xF_FFFF_FFFFL;
      parts.add(
          Part.of(
              Container.FLAC,
              part,
              total == 0 ? OptionalLong.empty() : OptionalLong.of(total),
              Optional.empty()));
      start = next;
    }
    return parts;
  }

  /** Where another file begins behind this one, or -1. */
  private static int next(Bytes file, int from) {
    int at = file.find("fLaC", from);
    while (at >= 0 && !isStreamInfo(file, at + 4)) {
      at = file.find("fLaC", at + 1);
    }
    return at;
  }

  private static boolean isStreamInfo(Bytes file, int at) {
    return (file.at(at) & 0x7F) == 0 && file.has(at + 1, 0, 0, 34);
  }
}
