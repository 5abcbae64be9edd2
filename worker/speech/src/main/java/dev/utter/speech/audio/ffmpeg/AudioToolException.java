package dev.utter.speech.audio.ffmpeg;

/**
 * The ffmpeg program failed for a reason that may lie outside the file: the program is missing,
 * cannot be started, or ran out of time on a busy machine. A retry may succeed.
 */
public class AudioToolException extends RuntimeException {
  public AudioToolException(String message) {
    super(message);
  }

  public AudioToolException(String message, Throwable cause) {
    super(message, cause);
  }
}
