package dev.utter.benchmarks.measure;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/** What is said about a list of measured values. */
public final class Numbers {
  private static final MathContext SHOWN = new MathContext(4);

  private Numbers() {}

  /** The smallest value that at least this share of them does not exceed. */
  public static double percentile(double[] values, double share) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.min(sorted.length, Math.max(rank, 1)) - 1];
  }

  /** The middle one, or the mean of the middle two. */
  public static double median(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Four significant digits: timings have no more. */
  public static BigDecimal shown(double value) {
    return new BigDecimal(new BigDecimal(value, SHOWN).toPlainString());
  }
}
