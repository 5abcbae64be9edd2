package dev.utter.worker.operator.skip;

/**
 * How far a stage is with a record.
 *
 * @param state how far
 * @param committed committed offset of the partition; -1 if nothing is committed
 * @param starts attempts that were begun and have not ended; only synthesis counts them
 */
public record Standing(State state, long committed, int starts) {

  /** How far. */
  public enum State {
    /** The stage is past it. */
    FINISHED,
    /** It is the first one that the stage has not finished. */
    FIRST_UNFINISHED,
    /** The stage has not finished an earlier one either. */
    LATER
  }
}
