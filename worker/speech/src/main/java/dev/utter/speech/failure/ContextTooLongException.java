package dev.utter.speech.failure;

/** Prompt and requested frames together need more positions than the model has. */
public final class ContextTooLongException extends RuntimeException {

  private final int promptPositions;
  private final int requestedFrames;
  private final int maxPositions;

  public ContextTooLongException(int promptPositions, int requestedFrames, int maxPositions) {
    super(message(promptPositions, requestedFrames, maxPositions));
    this.promptPositions = promptPositions;
    this.requestedFrames = requestedFrames;
    this.maxPositions = maxPositions;
  }

  private static String message(int promptPositions, int requestedFrames, int maxPositions) {
    int excess = promptPositions + requestedFrames - maxPositions;
    return "the prompt takes "
        + promptPositions
        + " positions (text tokens and context frames) and "
        + requestedFrames
        + " frames were asked for, but the model has "
        + maxPositions
        + " positions; shorten context, text or duration by "
        + excess
        + " frames or tokens in all";
  }

  /** Text tokens and context frames. */
  public int promptPositions() {
    return promptPositions;
  }

  /** Frames asked for. */
  public int requestedFrames() {
    return requestedFrames;
  }

  /** Positions the model has. */
  public int maxPositions() {
    return maxPositions;
  }

  /** Number of positions by which prompt and frames exceed those of the model. */
  public int excess() {
    return promptPositions + requestedFrames - maxPositions;
  }
}
