package dev.utter.speech.audio.file;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares what a file says about its length with the bytes that are there. */
final class Extent {
  private static final long NO_SIZE_32 = 0xFFFFFFFFL;
  private static final int NIST_HEADER = 1024;
  private static final Pattern NIST_FIELD = Pattern.compile("(\\w+) -i (\\d{1,9})\\s");

  private final Bytes file;
  private Optional<Defect> defect = Optional.empty();

  private Extent(Bytes file) {
    this.file = file;
  }

  static Optional<Defect> defect(Container container, Bytes file) {
    Extent extent = new Extent(file);
    switch (container) {
      case MP4 -> extent.boxes();
      case MATROSKA -> extent.segment();
      case AIFF -> extent.aiff();
      case CAF -> extent.caf();
      case AU -> extent.au();
      case NIST -> extent.nist();
      case ASF -> extent.asf();
      case WAVPACK -> extent.wavpackBlocks();
      default -> {}
    }
    return extent.defect;
  }

  /** Compares the declared size of an element at an offset with the bytes that are there. */
  private void claim(long at, long size) {
    long there = Math.max(0, file.length() - at);
    if (size > there && defect.isEmpty()) {
      defect = Optional.of(Defect.cut(there / (double) size));
    }
  }

  private void boxes() {
    long at = 0;
    boolean index = false;
    while (at + 8 <= file.length()) {
      long size = file.big(at, 4);
      int header = 8;
      if (size == 1) {
        size = file.big(at + 8, 8);
        header = 16;
      } else if (size == 0) {
        size = file.length() - at;
      }
      if (size < header) {
        return;
      }
      index |= file.has(at + 4, "moov");
      claim(at + header, size - header);
      at += size;
    }
    if (!index) {
      defect =
          Optional.of(Defect.cut("has no index ('moov'); it was never finished, or is cut off"));
    }
  }

  /** The header element, then the segment, whose size may be unknown. */
  private void segment() {
    int at = 4;
    at += idLength(at) + (int) Math.min(file.length(), elementSize(at));
    if (!file.has(at, 0x18, 0x53, 0x80, 0x67)) {
      return;
    }
    at += 4;
    long size = elementSize(at);
    if (size != unknown(idLength(at))) {
      claim(at + idLength(at), size);
    }
  }

  private int idLength(int at) {
    return Integer.numberOfLeadingZeros(file.at(at)) - 23;
  }

  private long elementSize(int at) {
    int length = idLength(at);
    return length > 8 ? 0 : file.big(at, length) & (1L << 7 * length) - 1;
  }

  private static long unknown(int length) {
    return (1L << 7 * length) - 1;
  }

  private void aiff() {
    long at = 12;
    while (at + 8 <= file.length()) {
      long size = file.big(at + 4, 4);
      if (file.has(at, "SSND")) {
        claim(at + 8, size);
        return;
      }
      at += 8 + size + (size & 1);
    }
    noSound();
  }

  private void caf() {
    long at = 8;
    while (at + 12 <= file.length()) {
      long size = file.big(at + 4, 8);
      if (file.has(at, "data")) {
        if (size >= 0) {
          claim(at + 12, size);
        }
        return;
      }
      if (size < 0) {
        return;
      }
      at += 12 + size;
    }
    noSound();
  }

  private void noSound() {
    defect = Optional.of(Defect.cut("ends before its sound"));
  }

  private void au() {
    long size = file.big(8, 4);
    if (size != NO_SIZE_32) {
      claim(file.big(4, 4), size);
    }
  }

  private void nist() {
    String header =
        new String(
            file.array(),
            file.from(),
            Math.min(file.length(), NIST_HEADER),
            StandardCharsets.ISO_8859_1);
    long size = 1;
    int found = 0;
    Matcher field = NIST_FIELD.matcher(header);
    while (field.find()) {
      switch (field.group(1)) {
        case "sample_count", "sample_n_bytes", "channel_count" -> {
          size *= Long.parseLong(field.group(2));
          found++;
        }
        default -> {}
      }
    }
    boolean plain = !header.contains("shorten") && !header.contains("wavpack");
    if (found == 3 && plain) {
      claim(NIST_HEADER, size);
    }
  }

  /** The file's size is in the File Properties object, unless it was broadcast. */
  private void asf() {
    long end = Math.min(file.length(), file.little(16, 8));
    long at = 30;
    while (at + 24 <= end) {
      long size = file.little(at + 16, 8);
      if (file.has(at, 0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11)) {
        boolean broadcast = (file.at(at + 88) & 1) != 0;
        if (!broadcast) {
          claim(0, file.little(at + 40, 8));
        }
        return;
      }
      if (size < 24) {
        return;
      }
      at += size;
    }
  }

  /** Blocks that each say how many samples they hold, and how many the file should hold. */
  private void wavpackBlocks() {
    long total = file.little(12, 4);
    long samples = 0;
    long at = 0;
    while (file.has(at, "wvpk")) {
      long end = at + 8 + file.little(at + 4, 4);
      if (end > file.length()) {
        break;
      }
      boolean firstOfFrame = (file.little(at + 24, 4) & 0x800) != 0;
      samples += firstOfFrame ? file.little(at + 20, 4) : 0;
      at = end;
    }
    if (total != NO_SIZE_32 && samples < total) {
      defect = Optional.of(Defect.cut(samples / (double) total));
    }
  }
}
