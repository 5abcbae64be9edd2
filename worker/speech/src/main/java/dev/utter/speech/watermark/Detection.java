package dev.utter.speech.watermark;

import java.util.Objects;

/**
 * What a detector found. The message itself is never reported, only whether it is the expected key.
 *
 * @param outcome the verdict
 * @param confidence share of the decoded symbols that agree with the majority of their position in
 *     the message, 0..1; for NOT_FOUND the best value seen, 0 if nothing could be decoded
 * @param reason one sentence for people on why the verdict is what it is
 */
public record Detection(Outcome outcome, float confidence, String reason) {

  /** Verdicts. */
  public enum Outcome {
    /**
     * The expected key: its bytes were read, or enough frames agree with it that chance is out of
     * the question.
     */
    MATCH,
    /** A well-formed mark with another key. */
    OTHER_KEY,
    /** No mark that can be relied on. */
    NOT_FOUND
  }

  public Detection {
    Objects.requireNonNull(outcome, "outcome is null");
    Objects.requireNonNull(reason, "reason is null");
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("confidence is " + confidence + ", must be 0 to 1");
    }
  }

  /** Whether the expected key was found. */
  public boolean matches() {
    return outcome == Outcome.MATCH;
  }
}
