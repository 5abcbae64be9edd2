package dev.utter.worker.intake.offsets;

import java.util.Arrays;

/**
 * What has happened to every record from the first unfinished offset on: untouched, started n
 * times, finished. Stored as the metadata of the committed offset, so that the next owner of the
 * partition knows which records to skip and which were running when their worker died.
 *
 * <p>Text form: {@code utter1:} and then one run after another, each a state and, where the run is
 * longer than one offset, its length in decimal. States are {@code U} untouched, {@code F}
 * finished, {@code a} to {@code z} started once to 26 times or more. {@code utter1:aF12Ub} reads:
 * the first unfinished record was started once, the next twelve are finished, one is untouched, the
 * next was started twice; everything later is untouched. A run never takes more characters than it
 * covers offsets, so {@link #MAX_SPAN} offsets always fit the broker's 4096 bytes.
 *
 * <p>Metadata that does not begin with {@code utter} and a version was written by another tool that
 * set the offset on purpose: it says nothing about single records, so it decodes to {@link #NONE}.
 * Metadata of an unknown version, or a broken text of this one, hides which records are finished;
 * taking the partition could double outcomes and skipping ahead could lose them, so decoding throws
 * {@link UnreadableProgressException} and the partition is refused.
 */
public final class Progress {
  /** Offsets past the first unfinished one that can be described. */
  public static final int MAX_SPAN = 4000;

  /** Bytes the broker allows by default ({@code offset.metadata.max.bytes}). */
  public static final int MAX_BYTES = 4096;

  /** Maximum number of starts that is counted. */
  public static final int MAX_STARTS = 26;

  public static final byte UNTOUCHED = 0;
  public static final byte FINISHED = -1;

  /** Nothing known: all records are untouched. */
  public static final Progress NONE = new Progress(new byte[0]);

  private static final String NAME = "utter";
  private static final String PREFIX = NAME + "1:";

  /** A version no worker reads, so that every owner refuses the partition. */
  private static final String REFUSAL = NAME + "0:";

  private final byte[] states;

  private Progress(byte[] states) {
    this.states = states;
  }

  /**
   * Progress from one state per offset, the first unfinished offset first: {@link #UNTOUCHED},
   * {@link #FINISHED} or the number of starts.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_SPAN}
   */
  public static Progress of(byte[] states) {
    int length = states.length;
    while (length > 0 && states[length - 1] == UNTOUCHED) {
      length--;
    }
    if (length > MAX_SPAN) {
      throw new IllegalArgumentException(
          "progress over " + length + " offsets, at most " + MAX_SPAN + " can be described");
    }
    return new Progress(Arrays.copyOf(states, length));
  }

  /** The state as stored, for an offset relative to the first unfinished one. */
  public byte state(long index) {
    return index >= 0 && index < states.length ? states[(int) index] : UNTOUCHED;
  }

  /** Offsets described, from the first unfinished one on. */
  public int span() {
    return states.length;
  }

  /** The progress without the given number of first offsets. */
  Progress after(long offsets) {
    return offsets >= states.length
        ? NONE
        : new Progress(Arrays.copyOfRange(states, (int) offsets, states.length));
  }

  /** Metadata that makes every owner refuse the partition until an operator has decided. */
  static String refusal(long logEnd) {
    return REFUSAL + "past the end of the log, " + logEnd;
  }

  /** Whether an earlier owner refused the partition. */
  public static boolean isRefusal(String metadata) {
    return metadata != null && metadata.startsWith(REFUSAL);
  }

  /** The text form; empty if all records are untouched. */
  public String encode() {
    if (states.length == 0) {
      return "";
    }
    StringBuilder text = new StringBuilder(PREFIX);
    int index = 0;
    while (index < states.length) {
      int end = index + 1;
      while (end < states.length && states[end] == states[index]) {
        end++;
      }
      text.append(letter(states[index]));
      if (end - index > 1) {
        text.append(end - index);
      }
      index = end;
    }
    return text.toString();
  }

  /**
   * Reads the text form.
   *
   * @throws UnreadableProgressException if the version is unknown or the text is broken
   */
  public static Progress decode(String metadata) {
    if (metadata == null || !metadata.matches("(?s)" + NAME + "[0-9]+:.*")) {
      return NONE;
    }
    if (!metadata.startsWith(PREFIX)) {
      throw new UnreadableProgressException("progress of an unknown version", metadata);
    }
    byte[] states = new byte[MAX_SPAN];
    int filled = 0;
    int at = PREFIX.length();
    while (at < metadata.length()) {
      byte state = state(metadata.charAt(at), metadata);
      int digits = at + 1;
      while (digits < metadata.length() && isDigit(metadata.charAt(digits))) {
        digits++;
      }
      int run = digits == at + 1 ? 1 : runLength(metadata, at + 1, digits);
      if (filled + run > MAX_SPAN) {
        throw new UnreadableProgressException("progress over too many offsets", metadata);
      }
      Arrays.fill(states, filled, filled + run, state);
      filled += run;
      at = digits;
    }
    return of(Arrays.copyOf(states, filled));
  }

  private static int runLength(String metadata, int from, int to) {
    if (to - from > 4 || metadata.charAt(from) == '0') {
      throw new UnreadableProgressException("progress with a broken run", metadata);
    }
    return Integer.parseInt(metadata.substring(from, to));
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  private static char letter(byte state) {
    return switch (state) {
      case UNTOUCHED -> 'U';
      case FINISHED -> 'F';
      default -> (char) ('a' + Math.min(state, MAX_STARTS) - 1);
    };
  }

  private static byte state(char letter, String metadata) {
    if (letter == 'U') {
      return UNTOUCHED;
    }
    if (letter == 'F') {
      return FINISHED;
    }
    if (letter < 'a' || letter > 'z') {
      throw new UnreadableProgressException("progress with an unknown state", metadata);
    }
    return (byte) (letter - 'a' + 1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Progress progress && Arrays.equals(states, progress.states);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(states);
  }

  @Override
  public String toString() {
    return encode();
  }
}
