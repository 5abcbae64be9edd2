package dev.utter.speech.failure;

/** The model ended the audio before its first frame. Another seed or text may give speech. */
public final class EmptyAudioException extends RuntimeException {

  public EmptyAudioException() {
    super("the model ended the audio before its first frame");
  }
}
