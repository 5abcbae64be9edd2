package dev.utter.speech.audio.ffmpeg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A shared library without contents, as the bytes of an ELF file.
 *
 * <p>The packaged ffmpeg names the libraries of sound servers and displays although encoding files
 * needs none of them, and the loader refuses a program whose libraries are missing. Symbols are
 * bound when first called, so an empty library of the right name is enough on machines without
 * those services, such as servers and containers.
 */
final class EmptyLibrary {
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SYMBOL = 24;
  private static final int HASH = 20;
  private static final int DYNAMIC_ENTRY = 16;
  private static final int DYNAMIC_ENTRIES = 7;

  private EmptyLibrary() {}

  /**
   * Builds a 64-bit little-endian library.
   *
   * @param name its name, such as {@code libpulse.so.0}
   * @param machine the ELF machine number: 62 for x86-64, 183 for AArch64
   */
  static byte[] named(String name, int machine) {
    byte[] strings = ("\0" + name + "\0").getBytes(StandardCharsets.US_ASCII);
    int symbolsAt = HEADER + 2 * PROGRAM_HEADER;
    int hashAt = symbolsAt + SYMBOL;
    int dynamicAt = align(hashAt + HASH);
    int stringsAt = dynamicAt + DYNAMIC_ENTRY * DYNAMIC_ENTRIES;
    int size = stringsAt + strings.length;
    ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    elf.putShort((short) 3).putShort((short) machine).putInt(1);
    elf.putLong(0).putLong(HEADER).putLong(0).putInt(0);
    elf.putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) 2);
    elf.putShort((short) 64).putShort((short) 0).putShort((short) 0);
    programHeader(elf, 1, 0, size, 0x10000);
    programHeader(elf, 2, dynamicAt, DYNAMIC_ENTRY * DYNAMIC_ENTRIES, 8);
    elf.position(hashAt);
    elf.putInt(1).putInt(1).putInt(0).putInt(0);
    elf.position(dynamicAt);
    dynamic(elf, 14, 1);
    dynamic(elf, 4, hashAt);
    dynamic(elf, 5, stringsAt);
    dynamic(elf, 6, symbolsAt);
    dynamic(elf, 10, strings.length);
    dynamic(elf, 11, SYMBOL);
    dynamic(elf, 0, 0);
    elf.put(strings);
    return elf.array();
  }

  /** Readable and writable, because some loaders relocate the dynamic section in place. */
  private static void programHeader(ByteBuffer elf, int type, int at, int size, int alignment) {
    elf.putInt(type).putInt(6).putLong(at).putLong(at).putLong(at);
    elf.putLong(size).putLong(size).putLong(alignment);
  }

  private static void dynamic(ByteBuffer elf, long tag, long value) {
    elf.putLong(tag).putLong(value);
  }

  private static int align(int offset) {
    return (offset + 7) & ~7;
  }
}
