package dev.utter.speech.text;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.Utterance;
import dev.utter.speech.failure.InvalidUtteranceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules for an utterance before it is tokenized. */
final class UtteranceRules {

  private UtteranceRules() {}

  static void check(Utterance utterance, int codebooks, int vocabulary) {
    checkTurn("", utterance.speaker(), utterance.text());
    List<ContextSegment> context = utterance.context();
    for (int i = 0; i < context.size(); i++) {
      String prefix = "context[" + i + "].";
      ContextSegment segment = context.get(i);
      checkTurn(prefix, segment.speaker(), segment.text());
      checkCodes(prefix + "codes", segment.codes(), codebooks, vocabulary);
    }
  }

  private static void checkTurn(String prefix, int speaker, String text) {
    if (speaker < 0) {
      throw new InvalidUtteranceException(
          prefix + "speaker", String.valueOf(speaker), "must be 0 or above");
    }
    if (text.isBlank()) {
      throw new InvalidUtteranceException(
          prefix + "text", text.isEmpty() ? "empty" : "blank", "must hold something to say");
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        throw new InvalidUtteranceException(
            prefix + "text",
            "malformed at index " + i + " (half of a surrogate pair)",
            "must be well-formed Unicode");
      }
    }
  }

  private static void checkCodes(String field, AudioCodes codes, int codebooks, int vocabulary) {
    if (codes.codebooks() != codebooks) {
      throw new InvalidUtteranceException(
          field, codes.codebooks() + " codebooks wide", "must have " + codebooks);
    }
    if (codes.frames() == 0) {
      throw new InvalidUtteranceException(field, "empty", "must hold at least one frame");
    }
    for (int code : codes.values()) {
      if (code < 0 || code >= vocabulary) {
        throw new InvalidUtteranceException(
            field, "holding the code " + code, "must stay within 0 to " + (vocabulary - 1));
      }
    }
  }

  /**
   * With control tokens a text could forge utterances of other speakers, or audio that does not
   * exist.
   */
  static void checkNoControlToken(String field, @Nullable String controlToken) {
    if (controlToken != null) {
      throw new InvalidUtteranceException(
          field, "holding the control token " + controlToken, "must be plain text");
    }
  }
}
