package dev.utter.speech.failure;

/**
 * The engine of a speech model cannot continue: an error affected state that all utterances share.
 * Running utterances and all later ones fail with this exception. Close the model; another one may
 * be loaded, preferably in a new process.
 */
public final class EngineBrokenException extends IllegalStateException {

  /** The broken part and the reason. */
  public EngineBrokenException(String message, Throwable cause) {
    super(message, cause);
  }
}
