package dev.utter.speech;

/**
 * The engine of a {@link SpeechModel} cannot continue: an error struck state that all utterances
 * share. What was being generated fails with this, and so does everything after it. The model is to
 * be closed; another one may be loaded, best in a new process.
 */
public final class EngineBrokenException extends IllegalStateException {

  /** The broken part and the reason. */
  public EngineBrokenException(String message, Throwable cause) {
    super(message, cause);
  }
}
