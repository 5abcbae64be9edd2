package dev.utter.speech.parity;

/**
 * Result of a comparison with published numbers.
 *
 * @param outcome whether the numbers are equal
 * @param detail what was compared, how it differs, or why it was not compared
 */
public record PublishedResult(Outcome outcome, String detail) {

  /** What came of it. */
  public enum Outcome {
    EQUAL,
    DIFFERENT,
    /** The published numbers are not about this model. */
    NOT_COMPARED
  }

  static PublishedResult of(Comparison comparison) {
    return new PublishedResult(
        comparison.passed() ? Outcome.EQUAL : Outcome.DIFFERENT,
        comparison.quantity() + ": " + comparison.detail());
  }

  static PublishedResult notCompared(String why) {
    return new PublishedResult(Outcome.NOT_COMPARED, why);
  }
}
