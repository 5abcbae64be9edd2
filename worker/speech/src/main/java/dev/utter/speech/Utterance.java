package dev.utter.speech;

import dev.utter.speech.failure.InvalidUtteranceException;
import java.util.List;
import java.util.Objects;

/**
 * One thing to say. Contents are checked by the model that speaks it, which names the offending
 * field in an {@link InvalidUtteranceException}.
 *
 * @param speaker speaker number, 0 or above
 * @param text what to say; not normalised, must hold at least one character that is not white space
 * @param context earlier turns in the order they were spoken; may be empty
 */
public record Utterance(int speaker, String text, List<ContextSegment> context) {

  public Utterance {
    Objects.requireNonNull(text, "text is null");
    context = List.copyOf(context);
  }

  /** An utterance without context. */
  public Utterance(int speaker, String text) {
    this(speaker, text, List.of());
  }

  /** Speaker and sizes only: request text does not belong into logs. */
  @Override
  public String toString() {
    return "Utterance[speaker="
        + speaker
        + ", characters="
        + text.length()
        + ", context="
        + context
        + "]";
  }
}
