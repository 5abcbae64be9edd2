package dev.utter.speech.text;

import java.util.Arrays;
import java.util.List;

/**
 * A prompt: one row per position. A row is either one text id or one frame of audio codes.
 *
 * <p>Immutable.
 */
public final class Prompt {

  /** Value of the text column in rows of audio. */
  public static final int NO_TEXT = -1;

  private final int codebooks;
  private final int[] ids;
  private final int[] rows;
  private final int spokenTokens;
  private final List<Integer> contextEnds;

  Prompt(int codebooks, int[] ids, int[] rows, int spokenTokens, List<Integer> contextEnds) {
    this.codebooks = codebooks;
    this.ids = ids;
    this.rows = rows;
    this.spokenTokens = spokenTokens;
    this.contextEnds = List.copyOf(contextEnds);
  }

  /**
   * A prompt of text alone, for callers with ids and no tokenizer.
   *
   * @param context ids of one context segment; may be empty
   * @param spoken ids of the text to speak
   */
  public static Prompt ofText(int codebooks, int[] context, int[] spoken) {
    int[] ids = Arrays.copyOf(context, context.length + spoken.length);
    System.arraycopy(spoken, 0, ids, context.length, spoken.length);
    int[] rows = new int[ids.length * (codebooks + 1)];
    for (int i = 0; i < ids.length; i++) {
      rows[i * (codebooks + 1) + codebooks] = ids[i];
    }
    List<Integer> contextEnds = context.length == 0 ? List.of() : List.of(context.length);
    return new Prompt(codebooks, ids, rows, spoken.length, contextEnds);
  }

  /** How many positions the prompt takes. */
  public int positions() {
    return ids.length;
  }

  /** How many of them are the text to speak, its speaker and its marks included. */
  public int spokenTokens() {
    return spokenTokens;
  }

  /**
   * Rows of shape {@code (positions, codebooks + 1)}: the codes of a frame, then the text id. Text
   * rows have zeros for codes, audio rows {@link #NO_TEXT} for text.
   */
  public int[] rows() {
    return rows.clone();
  }

  /** The rows of the positions {@code from} (inclusive) to {@code to} (exclusive). */
  public int[] rows(int from, int to) {
    return Arrays.copyOfRange(rows, from * rowWidth(), to * rowWidth());
  }

  /** Where each context segment ends: the position after its last. */
  public List<Integer> contextEnds() {
    return contextEnds;
  }

  /** Width of a row. */
  public int rowWidth() {
    return codebooks + 1;
  }

  /**
   * The same prompt as one stream of ids, shape {@code (positions)}, with placeholders for audio:
   * the form transformers uses.
   */
  public int[] ids() {
    return ids.clone();
  }
}
