package dev.utter.speech.audio.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The pages of Ogg files. */
final class OggPages {
  private static final int HEADER = 27;
  private static final int MAX_CHANNELS = 64;
  private static final int CONTINUED = 1;
  private static final int BEGIN = 2;
  private static final int END = 4;
  private static final int[] CRC = table();

  private final Bytes file;
  private final List<Part> parts = new ArrayList<>();
  private int start;
  private long serial;
  private boolean audioSeen;
  private boolean soundSeen;
  private boolean ended;
  private double seconds;
  private double rate = 48_000;
  private Optional<Defect> defect = Optional.empty();

  private OggPages(Bytes file) {
    this.file = file;
  }

  static List<Part> parts(Bytes file) {
    return new OggPages(file).walk();
  }

  private List<Part> walk() {
    int at = 0;
    while (at < file.length()) {
      int size = file.has(at, "OggS") ? size(at) : -1;
      if (size < 0) {
        damaged();
        int next = file.find("OggS", at + 1);
        if (next < 0) {
          break;
        }
        at = next;
        continue;
      }
      if (at + size > file.length()) {
        cut("ends in the middle of a page");
        break;
      }
      page(at, size);
      at += size;
    }
    end(file.length());
    return parts;
  }

  private void page(int at, int size) {
    int flags = file.at(at + 5);
    if (checksum(at, size) != (int) file.little(at + 22, 4)) {
      damaged();
      return;
    }
    if ((flags & BEGIN) != 0) {
      beginStream(at);
      return;
    }
    if (audioSeen && file.little(at + 14, 4) == serial) {
      long granule = file.little(at + 6, 8);
      soundSeen |= granule != 0;
      if (granule > 0) {
        seconds = granule / rate;
      }
      ended |= (flags & END) != 0;
    }
  }

  /** The first page of a stream; behind sound it is that of another file. */
  private void beginStream(int at) {
    int packet = at + HEADER + file.at(at + HEADER - 1);
    double streamRate = rateOf(packet);
    if (streamRate == 0) {
      return;
    }
    if (audioSeen && soundSeen) {
      end(at);
      start = at;
      audioSeen = false;
    }
    if (!audioSeen) {
      audioSeen = true;
      soundSeen = false;
      ended = (file.at(at + 5) & END) != 0;
      serial = file.little(at + 14, 4);
      rate = streamRate;
      seconds = 0;
      defect = Optional.empty();
    }
  }

  /** The rate that granule positions count in, or 0 for a stream that is not audio. */
  private double rateOf(int packet) {
    if (file.has(packet, "OpusHead")) {
      checkChannels(file.at(packet + 9));
      return 48_000;
    }
    if (file.has(packet, "\u0001vorbis")) {
      return Math.max(1, file.little(packet + 12, 4));
    }
    if (file.has(packet, "\u007FFLAC")) {
      return Math.max(1, file.big(packet + 27, 3) >> 4);
    }
    return file.has(packet, "Speex   ") ? Math.max(1, file.little(packet + 36, 4)) : 0;
  }

  /** Checked here because the decoder has no layout for more, and its error is unclear. */
  private static void checkChannels(int channels) {
    if (channels > MAX_CHANNELS) {
      throw new UnreadableAudioException(
          "Ogg channels is " + channels + ", must be 1 to " + MAX_CHANNELS);
    }
  }

  private void end(int at) {
    if (audioSeen && !ended) {
      cut("ends without its last page");
    }
    Bytes bytes = new Bytes(file.array(), file.from() + start, file.from() + at);
    parts.add(Part.of(Container.OGG, bytes, defect));
  }

  private void damaged() {
    defect = defect.or(() -> Optional.of(Defect.damagedAt(seconds)));
  }

  private void cut(String what) {
    defect =
        defect.or(
            () ->
                Optional.of(new Defect(what, OptionalDouble.empty(), OptionalDouble.of(seconds))));
  }

  /** Length of the page, or -1 if its header is incomplete. */
  private int size(int at) {
    int segments = file.at(at + HEADER - 1);
    if (at + HEADER + segments > file.length()
        || (file.at(at + 5) & ~(CONTINUED | BEGIN | END)) != 0) {
      return -1;
    }
    int size = HEADER + segments;
    for (int i = 0; i < segments; i++) {
      size += file.at(at + HEADER + i);
    }
    return size;
  }

  private int checksum(int at, int size) {
    int crc = 0;
    for (int i = 0; i < size; i++) {
      int value = i >= 22 && i < 26 ? 0 : file.at(at + i);
      crc = crc << 8 ^ CRC[crc >>> 24 ^ value];
    }
    return crc;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ (crc < 0 ? 0x04C11DB7 : 0);
      }
      table[i] = crc;
    }
    return table;
  }
}
