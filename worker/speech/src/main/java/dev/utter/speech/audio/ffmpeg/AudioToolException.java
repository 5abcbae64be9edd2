package dev.utter.speech.audio.ffmpeg;

/**
 * The ffmpeg program could not do its work for a reason that need not lie in the file: it is not
 * there, cannot be started, or ran out of time on a busy machine. Trying again may help.
 */
public class AudioToolException extends RuntimeException {
  public AudioToolException(String message) {
    super(message);
  }

  public AudioToolException(String message, Throwable cause) {
    super(message, cause);
  }
}
