package dev.utter.speech.watermark;

import java.util.Optional;

/**
 * Bytes as symbols. Every byte gives four symbols of two bits, the highest bits first, as 1 to 4;
 * the symbol 0 ends the message, which is then repeated over the clip.
 */
final class MessageCode {
  private static final int SYMBOLS_PER_BYTE = 4;

  private MessageCode() {}

  /**
   * What a clip seems to carry.
   *
   * @param message the bytes, if they are well-formed
   * @param confidence share of symbols that agree with the majority of their place
   * @param repeats whole repetitions seen
   */
  record Reading(Optional<byte[]> message, float confidence, int repeats) {}

  /** The symbols of a message, terminator last. */
  static long[] symbols(byte[] message) {
    long[] symbols = new long[message.length * SYMBOLS_PER_BYTE + 1];
    for (int i = 0; i < symbols.length - 1; i++) {
      int shift = 6 - 2 * (i % SYMBOLS_PER_BYTE);
      symbols[i] = (message[i / SYMBOLS_PER_BYTE] >> shift & 3) + 1;
    }
    return symbols;
  }

  /**
   * Reads the symbols of a clip's frames: a majority vote per place over all whole repetitions,
   * then the message that starts after the terminator. Ties go to the smaller symbol.
   *
   * @param frames one symbol per frame; at least one whole message
   * @param alphabet how many different symbols there are
   * @param length symbols per message, the terminator included
   */
  static Reading read(int[] frames, int alphabet, int length) {
    int repeats = frames.length / length;
    int[] majority = new int[length];
    int agreeing = 0;
    for (int place = 0; place < length; place++) {
      int[] votes = new int[alphabet];
      for (int repeat = 0; repeat < repeats; repeat++) {
        votes[frames[repeat * length + place]]++;
      }
      for (int symbol = 1; symbol < alphabet; symbol++) {
        majority[place] = votes[symbol] > votes[majority[place]] ? symbol : majority[place];
      }
      agreeing += votes[majority[place]];
    }
    return new Reading(bytes(majority), (float) agreeing / (repeats * length), repeats);
  }

  private static Optional<byte[]> bytes(int[] majority) {
    int end = 0;
    while (end < majority.length && majority[end] != 0) {
      end++;
    }
    byte[] message = new byte[majority.length / SYMBOLS_PER_BYTE];
    for (int i = 0; i < majority.length - 1; i++) {
      int symbol = majority[(end + 1 + i) % majority.length];
      if (end == majority.length || symbol == 0) {
        return Optional.empty();
      }
      message[i / SYMBOLS_PER_BYTE] |= (byte) (symbol - 1 << 6 - 2 * (i % SYMBOLS_PER_BYTE));
    }
    return Optional.of(message);
  }
}
