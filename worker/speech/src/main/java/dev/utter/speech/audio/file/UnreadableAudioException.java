package dev.utter.speech.audio.file;

/**
 * The file can never be decoded: it has an unknown format, is damaged, or exceeds the limits. The
 * message names the field, its value and the rule, and may be shown to the caller. A retry does not
 * help.
 */
public final class UnreadableAudioException extends RuntimeException {
  private final boolean damaged;

  public UnreadableAudioException(String message) {
    this(message, false);
  }

  /**
   * @param damaged whether a part of the audio can be decoded, so that a tolerant read takes it
   */
  public UnreadableAudioException(String message, boolean damaged) {
    super(message);
    this.damaged = damaged;
  }

  /** Whether a tolerant read would accept the file. */
  public boolean isDamaged() {
    return damaged;
  }
}
