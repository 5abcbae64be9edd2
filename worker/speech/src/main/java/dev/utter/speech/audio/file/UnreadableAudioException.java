package dev.utter.speech.audio.file;

/**
 * These bytes will never be a clip: not an audio file we read, damaged, or beyond the limits. The
 * message names the field, its value and the rule, and is fit for the caller's eyes. Trying again
 * does not help.
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
