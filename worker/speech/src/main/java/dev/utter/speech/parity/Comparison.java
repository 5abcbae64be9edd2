package dev.utter.speech.parity;

import java.util.Arrays;

/**
 * One quantity compared.
 *
 * @param quantity its name, the reference's key where there is one
 * @param difference largest absolute difference; for quantities that must be equal, how many values
 *     differ; infinite if shapes differ or a number is not finite
 * @param bound largest difference that passes; 0 for equality
 * @param detail the values compared, or the error, as text for people
 */
public record Comparison(String quantity, double difference, double bound, String detail) {

  /** Whether the difference keeps within its bound. */
  public boolean passed() {
    return difference <= bound;
  }

  /** Whole numbers that must be equal. */
  static Comparison equal(String quantity, int[] expected, int[] found) {
    if (expected.length != found.length) {
      return mismatch(quantity, 0, expected.length, found.length);
    }
    long different = 0;
    int first = Arrays.mismatch(expected, found);
    for (int i = 0; i < expected.length; i++) {
      different += expected[i] == found[i] ? 0 : 1;
    }
    String detail =
        first < 0
            ? expected.length + " values equal"
            : "first at " + first + ": expected " + expected[first] + ", found " + found[first];
    return new Comparison(quantity, different, 0, detail);
  }

  /** Something that must be the same. */
  static Comparison same(String quantity, Object expected, Object found) {
    return expected.equals(found)
        ? new Comparison(quantity, 0, 0, String.valueOf(expected))
        : new Comparison(quantity, 1, 0, "expected " + expected + ", found " + found);
  }

  /** Numbers that must be close. */
  static Comparison close(String quantity, float[] expected, float[] found, double bound) {
    if (expected.length != found.length) {
      return mismatch(quantity, bound, expected.length, found.length);
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) expected[i] - found[i]);
      largest = Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
    }
    return new Comparison(quantity, largest, bound, expected.length + " values");
  }

  /** A quantity that could not be computed. */
  static Comparison failed(String quantity, RuntimeException cause) {
    return new Comparison(quantity, Double.POSITIVE_INFINITY, 0, String.valueOf(cause));
  }

  private static Comparison mismatch(String quantity, double bound, int expected, int found) {
    return new Comparison(
        quantity,
        Double.POSITIVE_INFINITY,
        bound,
        "expected " + expected + " values, found " + found);
  }
}
