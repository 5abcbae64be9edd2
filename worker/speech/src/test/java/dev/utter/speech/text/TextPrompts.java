package dev.utter.speech.text;

import java.util.List;

/** Prompts of text alone, from ids instead of a tokenizer. */
public final class TextPrompts {

  private TextPrompts() {}

  /** One row per id. */
  public static Prompt of(int codebooks, int... ids) {
    int[] rows = new int[ids.length * (codebooks + 1)];
    for (int i = 0; i < ids.length; i++) {
      rows[i * (codebooks + 1) + codebooks] = ids[i];
    }
    return new Prompt(codebooks, ids, rows, ids.length, List.of());
  }
}
