package dev.utter.speech;

import java.util.Objects;

/**
 * An earlier utterance of the conversation: speaker, text and audio. The audio of the context gives
 * a speaker number its voice.
 *
 * @param speaker speaker number, 0 or above
 * @param text the transcript
 * @param codes the audio as {@link SpeechModel#encode} gave it, at least one frame
 */
public record ContextSegment(int speaker, String text, AudioCodes codes) {

  public ContextSegment {
    Objects.requireNonNull(text, "text is null");
    Objects.requireNonNull(codes, "codes is null");
  }

  /** Speaker and sizes only: transcripts do not belong into logs. */
  @Override
  public String toString() {
    return "ContextSegment[speaker="
        + speaker
        + ", characters="
        + text.length()
        + ", "
        + codes
        + "]";
  }
}
