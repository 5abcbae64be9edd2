package dev.utter.worker.rules;

import dev.utter.events.SynthesisRequested;

/** Estimates the audio of a request before it is generated. */
public final class ExpectedAudio {
  /** A character of text takes about one frame; slow speech has 12 characters a second. */
  private static final long MILLIS_PER_CHARACTER = 80;

  private ExpectedAudio() {}

  /** Audio in milliseconds, from 1 to what the request allows. */
  public static long millis(SynthesisRequested request) {
    long spoken = MILLIS_PER_CHARACTER * request.getText().length();
    return Math.max(1, Math.min(spoken, request.getOptions().getMaxDurationMillis()));
  }
}
