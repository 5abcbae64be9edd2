package dev.utter.speech.watermark;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The evidence of a clip's symbols for and against one key, over all frames. Whether the bytes read
 * equal the key depends on every one of 20 majorities, so one wrong symbol hides the key of a clip
 * that holds its message only once or twice; the frames together still prove it.
 *
 * @param frames how many frames there are
 * @param agreeing how many carry the key's symbol, at the best alignment of key and clip
 * @param elsewhere how many do at the other alignments, on average
 * @param differing places of the message where the majority is not the key's
 * @param tied places where another symbol is as frequent as the key's
 * @param votesAgainst by how many votes, over all those places, the majorities beat the key's
 *     symbol
 * @param bits how much of the key the majorities give: two bits for a place that the key's symbol
 *     wins alone, none where all four symbols are equally frequent, because any key agrees there
 */
record KeyEvidence(
    int frames,
    int agreeing,
    float elsewhere,
    int differing,
    int tied,
    int votesAgainst,
    double bits) {
  /**
   * How often a frame agrees by chance, at least: one in five if symbols were equally frequent, but
   * neighbouring frames overlap. Where a clip favours the symbols a key is made of, it agrees at
   * every alignment, and that counts as chance too.
   */
  private static final double CHANCE = 0.4;

  /** Natural logarithm of how unlikely chance must be: one in 10^9. */
  private static final double OVERWHELMING = Math.log(1e9);

  private static final int BITS_OF_A_SYMBOL = 2;

  static KeyEvidence of(int[] frames, byte[] key, int alphabet) {
    long[] message = MessageCode.symbols(key);
    int best = 0;
    int bestAgreeing = -1;
    int sum = 0;
    for (int rotation = 0; rotation < message.length; rotation++) {
      int agreeing = 0;
      for (int i = 0; i < frames.length; i++) {
        agreeing += frames[i] == message[(i + rotation) % message.length] ? 1 : 0;
      }
      sum += agreeing;
      if (agreeing > bestAgreeing) {
        bestAgreeing = agreeing;
        best = rotation;
      }
    }
    float elsewhere = (float) (sum - bestAgreeing) / (message.length - 1);
    return compare(frames, message, alphabet, best, bestAgreeing, elsewhere);
  }

  private static KeyEvidence compare(
      int[] frames, long[] message, int alphabet, int rotation, int agreeing, float elsewhere) {
    int[][] votes = new int[message.length][alphabet];
    for (int i = 0; i < frames.length; i++) {
      votes[(i + rotation) % message.length][frames[i]]++;
    }
    int differing = 0;
    int tied = 0;
    int votesAgainst = 0;
    double bits = 0;
    for (int place = 0; place < message.length; place++) {
      int max = Arrays.stream(votes[place]).max().orElseThrow();
      int own = votes[place][(int) message[place]];
      differing += own < max ? 1 : 0;
      tied +=
          own == max && IntStream.of(votes[place]).filter(count -> count == max).count() > 1
              ? 1
              : 0;
      votesAgainst += max - own;
      if (own == max && message[place] != 0) {
        long alike = IntStream.of(votes[place]).skip(1).filter(count -> count == max).count();
        bits += BITS_OF_A_SYMBOL - Math.log(alike) / Math.log(2);
      }
    }
    return new KeyEvidence(frames.length, agreeing, elsewhere, differing, tied, votesAgainst, bits);
  }

  /** Share of frames that agree. */
  float share() {
    return (float) agreeing / frames;
  }

  /**
   * Whether chance cannot explain the agreement: by Chernoff's bound it would come about less than
   * once in 10^9 times.
   */
  boolean isOverwhelming() {
    double share = share();
    double chance = Math.max(CHANCE, elsewhere / frames);
    if (share <= chance) {
      return false;
    }
    double divergence = share * Math.log(share / chance);
    if (share < 1) {
      divergence += (1 - share) * Math.log((1 - share) / (1 - chance));
    }
    return frames * divergence >= OVERWHELMING;
  }
}
