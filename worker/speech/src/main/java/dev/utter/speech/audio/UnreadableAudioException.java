package dev.utter.speech.audio;

/**
 * These bytes will never be a clip: not an audio file we read, broken, or beyond the limits. The
 * message names the field, its value and the rule, and is fit for the caller's eyes. Trying again
 * does not help.
 */
public final class UnreadableAudioException extends RuntimeException {
  public UnreadableAudioException(String message) {
    super(message);
  }
}
