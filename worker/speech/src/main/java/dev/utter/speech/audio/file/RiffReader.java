package dev.utter.speech.audio.file;

import dev.utter.speech.audio.file.WaveFormat.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The chunks of WAV files: RIFF, its big-endian form RIFX, the 64-bit forms RF64, BW64 and Wave64.
 * Sizes that a writer could not fill in mean "until the end of the file".
 */
final class RiffReader {
  private static final int PCM = 1;
  private static final int FLOAT = 3;
  private static final int A_LAW = 6;
  private static final int MU_LAW = 7;
  private static final int EXTENSIBLE = 0xFFFE;

  /**
   * Writers that cannot seek back write sizes from this value on; no file that is read is as large.
   */
  private static final long SMALLEST_PLACEHOLDER = 0x7FFF_0000L;

  private static final int[] WAVE64 = {
    0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00
  };

  /** Everything of an extensible sub-format's id but the tag in its first two bytes. */
  private static final int[] SUB_FORMAT_TAIL = {
    0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71
  };

  private static final Set<String> USUAL_CHUNKS =
      Set.of(
          "fmt ", "data", "fact", "LIST", "bext", "iXML", "cue ", "smpl", "inst", "id3 ", "ID3 ",
          "PEAK", "JUNK", "junk", "ds64", "axml", "chna", "minf", "elm1", "regn", "umid", "DGDA",
          "PAD ", "FLLR", "afsp", "levl", "C2PA", "RIFF");

  private final Bytes file;
  private final boolean wide;
  private final boolean bigEndian;
  private int formatAt = -1;
  private int formatSize;
  private long wideDataSize = -1;

  private RiffReader(Bytes file) {
    this.file = file;
    wide = file.has(0, WAVE64);
    bigEndian = file.has(0, "RIFX");
  }

  static boolean isRiff(Bytes file) {
    return file.has(0, "RIFF")
        || file.has(0, "RIFX")
        || file.has(0, "RF64")
        || file.has(0, "BW64")
        || file.has(0, WAVE64);
  }

  static List<Part> parts(Bytes file) {
    List<Part> parts = new ArrayList<>();
    Bytes rest = file;
    while (isRiff(rest)) {
      Part part = new RiffReader(rest).read();
      parts.add(part);
      rest = rest.from(next(rest, part.to() - rest.from()));
    }
    return parts;
  }

  /** Where another WAV file begins at or behind an offset; the end if there is none. */
  private static int next(Bytes file, int from) {
    int at = file.find("RIFF", from);
    while (at >= 0 && !file.has(at + 8, "WAVEfmt ")) {
      at = file.find("RIFF", at + 1);
    }
    return at < 0 ? file.length() : at;
  }

  private Part read() {
    int header = wide ? 40 : 12;
    if (file.length() < header) {
      throw new UnreadableAudioException(
          "WAV file has " + file.length() + " bytes, its header alone takes " + header);
    }
    String form = file.name(wide ? 24 : 8);
    if (!form.equals(wide ? "wave" : "WAVE")) {
      throw new UnreadableAudioException("RIFF form is '" + form + "', must be 'WAVE'");
    }
    int headerLength = wide ? 24 : 8;
    long at = header;
    while (at + headerLength <= file.length()) {
      String name = file.name(at);
      long size = wide ? file.little(at + 16, 8) - 24 : number(at + 4, 4);
      long body = at + headerLength;
      if (name.equals("data")) {
        return data(body, size);
      }
      long left = file.length() - body;
      if (size < 0 || size > left) {
        throw new UnreadableAudioException(
            "WAV chunk '%s' claims %d bytes, the file has %d left".formatted(name, size, left));
      }
      if (name.equals("fmt ")) {
        formatAt = (int) body;
        formatSize = (int) size;
        if (formatSize < 16) {
          throw new UnreadableAudioException(
              "WAV chunk 'fmt ' has " + formatSize + " bytes, must have at least 16");
        }
      } else if (name.equals("ds64") && size >= 16) {
        wideDataSize = file.little(body + 8, 8);
      }
      at = following(body + size);
    }
    throw new UnreadableAudioException("WAV file has no 'data' chunk");
  }

  /** Where the next chunk begins; some writers leave the pad byte behind an odd chunk out. */
  private long following(long end) {
    if (wide) {
      return end + 7 & ~7L;
    }
    boolean odd = (end & 1) != 0;
    boolean unpadded =
        USUAL_CHUNKS.contains(file.name(end)) && !USUAL_CHUNKS.contains(file.name(end + 1));
    return odd && !unpadded ? end + 1 : end;
  }

  private Part data(long body, long claimed) {
    if (formatAt < 0) {
      throw new UnreadableAudioException("WAV chunk 'data' comes before any 'fmt ' chunk");
    }
    long left = file.length() - body;
    long size = claimed == 0xFFFFFFFFL && wideDataSize >= 0 ? wideDataSize : claimed;
    boolean empty = size == 0 && (left == 0 || USUAL_CHUNKS.contains(file.name(body)));
    boolean unknown = size == 0 && !empty || size < 0 || size >= SMALLEST_PLACEHOLDER;
    int end = (int) (unknown ? next(file, (int) body) : Math.min(file.length(), body + size));
    if (end == body) {
      throw new UnreadableAudioException("WAV chunk 'data' has 0 bytes, a clip needs samples");
    }
    Optional<Defect> cut =
        !unknown && size > left ? Optional.of(Defect.cut(left / (double) size)) : Optional.empty();
    Optional<WaveFormat> format = format();
    int align = format.map(WaveFormat::frameBytes).orElse(1);
    int whole = end - (int) ((end - body) % align);
    if (whole < end && !unknown && cut.isEmpty()) {
      cut =
          Optional.of(
              new Defect(
                  "has %d bytes of samples, must be a multiple of %d".formatted(size, align),
                  OptionalDouble.of((whole - body) / (double) size),
                  OptionalDouble.empty()));
    }
    boolean plain = format.isPresent();
    return new Part(
        Container.WAVE,
        file.array(),
        plain ? new byte[0] : plainHead(end - (int) body),
        file.from() + (int) body,
        file.from() + (plain ? whole : end),
        format,
        OptionalLong.empty(),
        cut);
  }

  /** Plain numbers; empty for a codec. */
  private Optional<WaveFormat> format() {
    int tag = (int) number(formatAt, 2);
    int channels = (int) number(formatAt + 2, 2);
    long rate = number(formatAt + 4, 4);
    int align = (int) number(formatAt + 12, 2);
    int bits = (int) number(formatAt + 14, 2);
    if (tag == EXTENSIBLE) {
      tag = subFormat();
    }
    if (channels == 0) {
      throw new UnreadableAudioException("WAV channels is 0, must be at least 1");
    }
    Optional<Encoding> encoding = encoding(tag, bits);
    if (encoding.isEmpty()) {
      return Optional.empty();
    }
    int bytes = (bits + 7) / 8;
    boolean padded = encoding.get() == Encoding.INTEGER && align == channels * 4 && bits == 24;
    if (padded) {
      bytes = 4;
    }
    if (align != channels * bytes) {
      throw new UnreadableAudioException(
          "WAV block align is %d, must be %d for %d channels of %d bits"
              .formatted(align, channels * bytes, channels, bits));
    }
    ByteOrder order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return Optional.of(
        new WaveFormat(
            encoding.get(), channels, (int) Math.min(Integer.MAX_VALUE, rate), bytes, order));
  }

  /** Empty if samples are not plain numbers of a known width. */
  private static Optional<Encoding> encoding(int tag, int bits) {
    return switch (tag) {
      case PCM -> {
        if (bits < 1 || bits > 32) {
          throw new UnreadableAudioException(
              "WAV bits per sample is " + bits + ", must be 1 to 32 for integers");
        }
        yield Optional.of(Encoding.INTEGER);
      }
      case FLOAT -> {
        if (bits != 32 && bits != 64) {
          throw new UnreadableAudioException(
              "WAV bits per sample is " + bits + ", must be 32 or 64 for floats");
        }
        yield Optional.of(Encoding.FLOAT);
      }
      case A_LAW -> bits == 8 ? Optional.of(Encoding.A_LAW) : Optional.empty();
      case MU_LAW -> bits == 8 ? Optional.of(Encoding.MU_LAW) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private int subFormat() {
    if (formatSize < 40) {
      throw new UnreadableAudioException(
          "WAV chunk 'fmt ' has " + formatSize + " bytes, an extensible one must have at least 40");
    }
    if (!file.has(formatAt + 26, SUB_FORMAT_TAIL) && !bigEndian) {
      throw new UnreadableAudioException("WAV sub-format is not one of the standard audio ones");
    }
    return (int) number(formatAt + 24, 2);
  }

  /** A header whose sizes are right, for codecs that the decoder program reads. */
  private byte[] plainHead(int dataSize) {
    ByteBuffer head =
        ByteBuffer.allocate(12 + 8 + formatSize + (formatSize & 1) + 8)
            .order(ByteOrder.LITTLE_ENDIAN);
    head.put("RIFF".getBytes(StandardCharsets.US_ASCII));
    head.putInt(head.capacity() - 8 + dataSize);
    head.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(formatSize);
    int body = head.position();
    head.put(file.array(), file.from() + formatAt, formatSize);
    if (bigEndian) {
      head.putShort(body, (short) number(formatAt, 2));
      head.putShort(body + 2, (short) number(formatAt + 2, 2));
      head.putInt(body + 4, (int) number(formatAt + 4, 4));
      head.putInt(body + 8, (int) number(formatAt + 8, 4));
      head.putShort(body + 12, (short) number(formatAt + 12, 2));
      head.putShort(body + 14, (short) number(formatAt + 14, 2));
    }
    head.position(body + formatSize + (formatSize & 1));
    head.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(dataSize);
    return head.array();
  }

  private long number(long at, int bytes) {
    return bigEndian ? file.big(at, bytes) : file.little(at, bytes);
  }
}
