package dev.utter.speech;

/**
 * The engine of a {@link SpeechModel} cannot go on, whoever asks: an error struck what all
 * utterances share, so that no state of it can be trusted. What was being generated fails with
 * this, and so does everything after it. The model is to be closed; another one may be loaded, best
 * in a new process.
 */
public final class EngineBrokenException extends IllegalStateException {

  /** What is broken, and why. */
  public EngineBrokenException(String message, Throwable cause) {
    super(message, cause);
  }
}
