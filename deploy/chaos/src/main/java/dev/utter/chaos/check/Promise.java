package dev.utter.chaos.check;

/** What is promised, in the words of a report. */
public enum Promise {
  /** A request has one outcome. */
  ONE_OUTCOME("exactly one outcome per request"),
  /** A request ends as its contents demand. */
  RIGHT_OUTCOME("the outcome that the contents demand"),
  /** Nothing comes of nothing. */
  NOTHING_UNASKED("no outcome and no object for what was never asked"),
  /** What cannot be an outcome is kept. */
  DEAD_LETTER("exactly one dead letter for a record that is no request"),
  /** A completed request has one object, with the event's digest. */
  ONE_OBJECT("exactly one object per completed request, with the event's SHA-256"),
  /** What was stored stays. */
  WRITTEN_ONCE("an object is written once"),
  /** What is stored is marked. */
  MARKED("the mark is found in every object"),
  /** Attempts have a limit. */
  ATTEMPT_LIMIT("no more attempts than the limit"),
  /** Attempts are for those that were interrupted. */
  ATTEMPT_EARNED("an attempt is used up only by an interruption without notice"),
  /** A suspect has no company. */
  SUSPECT_ALONE("a request that is tried again runs alone"),
  /** Admission goes on through a rolling restart. */
  ADMISSION_BOUND("admission within 5 s during a rolling restart"),
  /** A healthy worker goes on beside a dead one. */
  BEGIN_BOUND("a healthy worker begins within 3 s beside a dead one"),
  /** Work goes on after a fault. */
  DRAIN_BOUND("nothing waits any more two minutes after a fault"),
  /** Workers stay. */
  WORKER_STAYS("a worker ends only when it is told to or killed"),
  /** The schedule can be carried out. */
  RUN_GOES_ON("workers get ready and do what faults wait for"),
  /** The history can be judged. */
  RECORDED("the history is complete");

  private final String words;

  Promise(String words) {
    this.words = words;
  }

  /** As a report says it. */
  public String words() {
    return words;
  }
}
