package dev.utter.speech.watermark.network;

/** A message as symbols. */
final class Symbols {
  private Symbols() {}

  /** The symbols 1 to 4 in turn, and the terminator. */
  static long[] of(HyperParameters numbers) {
    long[] symbols = new long[numbers.messageLength()];
    for (int i = 0; i < symbols.length - 1; i++) {
      symbols[i] = 1L + i % (numbers.symbols() - 1);
    }
    return symbols;
  }
}
