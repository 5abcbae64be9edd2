package dev.utter.speech.watermark;

import java.util.Objects;
import java.util.Optional;

/**
 * The result of a detection. It does not contain the message, only whether it is one of the
 * expected keys. All verdicts but a match are reached without a comparison with the keys.
 *
 * @param outcome the verdict
 * @param keyId id of the key that was found; empty unless the outcome is MATCH
 * @param confidence share of the decoded symbols that agree with the majority of their position in
 *     the message, 0..1; for NOT_FOUND the best value seen, 0 if nothing could be decoded
 * @param reason the reason of the verdict, one sentence for people
 */
public record Detection(Outcome outcome, Optional<String> keyId, float confidence, String reason) {

  /** Verdicts. */
  public enum Outcome {
    /**
     * An expected key: its bytes were read, or enough frames agree with it that chance is excluded.
     */
    MATCH,
    /** A well-formed, undamaged mark with another key. */
    OTHER_KEY,
    /** No mark that can be relied on. */
    NOT_FOUND
  }

  public Detection {
    Objects.requireNonNull(outcome, "outcome is null");
    if (keyId.isPresent() != (outcome == Outcome.MATCH)) {
      throw new IllegalArgumentException("a key is found if and only if the outcome is MATCH");
    }
    Objects.requireNonNull(reason, "reason is null");
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("confidence is " + confidence + ", must be 0 to 1");
    }
  }

  /** A detection of a key. */
  public static Detection match(String keyId, float confidence, String reason) {
    return new Detection(Outcome.MATCH, Optional.of(keyId), confidence, reason);
  }

  /** A mark with a key that was not looked for. */
  static Detection otherKey(float confidence, String reason) {
    return new Detection(Outcome.OTHER_KEY, Optional.empty(), confidence, reason);
  }

  /** No mark that can be relied on. */
  public static Detection notFound(float confidence, String reason) {
    return new Detection(Outcome.NOT_FOUND, Optional.empty(), confidence, reason);
  }

  /** Whether an expected key was found. */
  public boolean matches() {
    return outcome == Outcome.MATCH;
  }
}
