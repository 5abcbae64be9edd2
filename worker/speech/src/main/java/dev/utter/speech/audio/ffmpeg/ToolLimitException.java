package dev.utter.speech.audio.ffmpeg;

/** A run of ffmpeg ended at one of its limits, or crashed. */
public final class ToolLimitException extends AudioToolException {
  ToolLimitException(String message) {
    super(message);
  }
}
