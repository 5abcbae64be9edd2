package dev.utter.speech.watermark;

import java.util.Arrays;
import java.util.Optional;

/**
 * Bytes as symbols. Every byte gives four symbols of two bits, the highest bits first, as 1 to 4;
 * the symbol 0 ends the message, which is then repeated over the clip.
 */
final class MessageCode {
  private static final int SYMBOLS_PER_BYTE = 4;

  private MessageCode() {}

  /**
   * The result of reading a clip.
   *
   * @param message the message, if it is well-formed
   * @param confidence share of symbols that agree with the majority of their place
   * @param repeats whole repetitions seen
   */
  record Reading(Optional<Message> message, float confidence, int repeats) {}

  /**
   * A well-formed message.
   *
   * @param bytes its bytes
   * @param shares for every symbol but the terminator the share of repetitions that agree
   */
  record Message(byte[] bytes, float[] shares) {

    /**
     * The share of the least certain symbol. Damage gives symbols that the repetitions disagree
     * about; another key gives symbols that they agree about.
     */
    float weakest() {
      float weakest = 1;
      for (float share : shares) {
        weakest = Math.min(weakest, share);
      }
      return weakest;
    }
  }

  /** The symbols of a message, terminator last. */
  static long[] symbols(byte[] message) {
    long[] symbols = new long[message.length * SYMBOLS_PER_BYTE + 1];
    for (int i = 0; i < symbols.length - 1; i++) {
      symbols[i] = 1L + (message[i / SYMBOLS_PER_BYTE] >> shift(i) & 3);
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
    float[] shares = new float[length];
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
      shares[place] = (float) votes[majority[place]] / repeats;
    }
    float confidence = (float) agreeing / (repeats * length);
    return new Reading(message(majority, shares), confidence, repeats);
  }

  private static Optional<Message> message(int[] majority, float[] shares) {
    if (Arrays.stream(majority).filter(symbol -> symbol == 0).count() != 1) {
      return Optional.empty();
    }
    int length = majority.length;
    int end = 0;
    while (majority[end] != 0) {
      end++;
    }
    byte[] bytes = new byte[length / SYMBOLS_PER_BYTE];
    float[] ordered = new float[length - 1];
    for (int i = 0; i < length - 1; i++) {
      int place = (end + 1 + i) % length;
      bytes[i / SYMBOLS_PER_BYTE] |= (byte) (majority[place] - 1 << shift(i));
      ordered[i] = shares[place];
    }
    return Optional.of(new Message(bytes, ordered));
  }

  private static int shift(int symbol) {
    return 6 - 2 * (symbol % SYMBOLS_PER_BYTE);
  }
}
