package dev.utter.speech.audio;

/** A run of ffmpeg ended at one of its limits, or crashed. */
final class ToolLimitException extends AudioToolException {
  ToolLimitException(String message) {
    super(message);
  }
}
