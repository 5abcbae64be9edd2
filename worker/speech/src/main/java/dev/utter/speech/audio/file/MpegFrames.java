package dev.utter.speech.audio.file;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The frames of MPEG audio, layers I to III. */
final class MpegFrames {
  /** How far the first frame is looked for: rest of a frame, zeros, or an unknown tag. */
  private static final int LARGEST_PRELUDE = 1 << 16;

  /** This number of frames in a row is no coincidence. */
  private static final int CHAIN = 3;

  private static final int[][] KBITS = {
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
  };
  private static final int[] RATES = {44_100, 48_000, 32_000};

  private final Bytes file;
  private final List<Part> parts = new ArrayList<>();
  private int start;
  private long frames;
  private long declared = -1;
  private Optional<Defect> defect = Optional.empty();

  private MpegFrames(Bytes file) {
    this.file = file;
  }

  /**
   * A frame's header.
   *
   * @param kind the bits that all frames of a stream share
   * @param length in bytes; 0 for the free format, whose frames do not say
   */
  private record Frame(int kind, int rate, int samples, int length, boolean mono, boolean low) {

    /** Where a Xing or Info header would be. */
    int sideEnd() {
      return 4 + (low ? mono ? 9 : 17 : mono ? 17 : 32);
    }
  }

  static List<Part> parts(Bytes file) {
    return new MpegFrames(file).walk();
  }

  /** Where the first frame of a chain begins at or shortly after an offset, or -1. */
  static int first(Bytes file, int offset) {
    int last = Math.min(file.length(), offset + LARGEST_PRELUDE);
    for (int at = offset; at < last; at++) {
      if (file.at(at) == 0xFF && isChain(file, at, at == offset)) {
        return at;
      }
    }
    return -1;
  }

  /** At the very start of the file fewer frames are enough, because the file may be short. */
  private static boolean isChain(Bytes file, int start, boolean trusted) {
    Frame frame = frame(file, start);
    if (frame == null) {
      return false;
    }
    if (trusted && (frame.length == 0 || start + frame.length >= file.length())) {
      return true;
    }
    int at = start;
    for (int i = 1; i < CHAIN; i++) {
      if (frame.length == 0) {
        return false;
      }
      at += frame.length;
      Frame next = frame(file, at);
      if (at >= file.length() && trusted) {
        return true;
      }
      if (next == null || next.kind != frame.kind) {
        return false;
      }
      frame = next;
    }
    return true;
  }

  private List<Part> walk() {
    int at = first(file, 0);
    Frame first = found(file, at);
    begin(at, first);
    if (first.length == 0) {
      end(file.length(), first);
      return parts;
    }
    while (at < file.length()) {
      Frame frame = frame(file, at);
      if (frame == null || frame.kind != first.kind || frame.length == 0) {
        int next = first(file, at + Math.max(1, Tags.lengthInFront(file.from(at))));
        if (next < 0) {
          break;
        }
        Frame there = found(file, next);
        if (declaration(next, there) >= 0) {
          end(at, first);
          begin(next, there);
          first = there;
        } else if (defect.isEmpty()) {
          defect = Optional.of(Defect.damagedAt(frames * (double) first.samples / first.rate));
        }
        at = next;
        continue;
      }
      if (at > start && declaration(at, frame) >= 0) {
        end(at, first);
        begin(at, frame);
      }
      if (at + frame.length > file.length()) {
        defect = defect.or(() -> Optional.of(Defect.cut("ends in the middle of a frame")));
        break;
      }
      frames++;
      at += frame.length;
    }
    end(file.length(), first);
    return parts;
  }

  private void begin(int at, Frame frame) {
    start = at;
    declared = declaration(at, frame);
    frames = declared >= 0 ? -1 : 0;
    defect = Optional.empty();
  }

  private void end(int at, Frame first) {
    if (declared > 0 && frames < declared && first.length > 0) {
      double share = Math.max(0, frames) / (double) declared;
      defect =
          Optional.of(
              new Defect(
                  defect.map(Defect::what).orElse("is cut off"),
                  OptionalDouble.of(share),
                  defect.map(Defect::seconds).orElse(OptionalDouble.empty())));
    }
    Bytes bytes = new Bytes(file.array(), file.from() + start, file.from() + at);
    parts.add(Part.of(Container.MPEG, bytes, defect));
  }

  /**
   * Number of frames announced by a frame that holds a header instead of sound; -1 if none does.
   */
  private long declaration(int at, Frame frame) {
    int info = at + frame.sideEnd();
    if (file.has(info, "Xing") || file.has(info, "Info")) {
      return (file.at(info + 7) & 1) == 0 ? 0 : file.big(info + 8, 4);
    }
    return file.has(at + 36, "VBRI") ? file.big(at + 36 + 14, 4) : -1;
  }

  /** The frame where {@link #first} found one. */
  private static Frame found(Bytes file, int at) {
    return requireNonNull(frame(file, at), "no frame begins here");
  }

  private static @Nullable Frame frame(Bytes file, int at) {
    int second = file.at(at + 1);
    int third = file.at(at + 2);
    int version = second >> 3 & 3;
    int layer = 4 - (second >> 1 & 3);
    int bits = third >> 4;
    int rateIndex = third >> 2 & 3;
    boolean valid =
        file.at(at) == 0xFF
            && (second & 0xE0) == 0xE0
            && version != 1
            && layer != 4
            && bits != 15
            && rateIndex != 3
            && at + 4 <= file.length();
    if (!valid) {
      return null;
    }
    boolean low = version != 3;
    int rate = RATES[rateIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
    int kbits = KBITS[low ? layer == 1 ? 3 : 4 : layer - 1][bits];
    int padding = third >> 1 & 1;
    int samples = layer == 1 ? 384 : layer == 3 && low ? 576 : 1152;
    int length =
        kbits == 0
            ? 0
            : layer == 1
                ? (12_000 * kbits / rate + padding) * 4
                : samples / 8 * 1000 * kbits / rate + padding;
    return new Frame(
        second & 0xFE | (third & 0x0C) << 8, rate, samples, length, file.at(at + 3) >> 6 == 3, low);
  }
}
