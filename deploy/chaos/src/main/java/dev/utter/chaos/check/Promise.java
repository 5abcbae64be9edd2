package dev.utter.chaos.check;

/** The promises, in the words of a report. */
public enum Promise {
  /** A request has one outcome. */
  ONE_OUTCOME("exactly one outcome per request"),
  /** A request has the outcome that its contents require. */
  RIGHT_OUTCOME("the outcome that the contents demand"),
  /** There is no outcome and no object without a request. */
  NOTHING_UNASKED("no outcome and no object for what was never asked"),
  /** A record that is not a request becomes a dead letter. */
  DEAD_LETTER("exactly one dead letter for a record that is no request"),
  /** A completed request has one object, with the event's digest. */
  ONE_OBJECT("exactly one object per completed request, with the event's SHA-256"),
  /** A stored object is not overwritten. */
  WRITTEN_ONCE("an object is written once"),
  /** Every stored clip is marked. */
  MARKED("the mark is found in every object"),
  /** Attempts have a limit. */
  ATTEMPT_LIMIT("no more attempts than the limit"),
  /** Only interrupted requests use up attempts. */
  ATTEMPT_EARNED("an attempt is used up only by an interruption without notice"),
  /** A suspect runs alone. */
  SUSPECT_ALONE("a request that is tried again runs alone"),
  /** Admission goes on through a rolling restart. */
  ADMISSION_BOUND("admission within 5 s during a rolling restart"),
  /** A healthy worker goes on beside a dead one. */
  BEGIN_BOUND("a healthy worker begins within 3 s beside a dead one"),
  /** Work goes on after a fault. */
  DRAIN_BOUND("nothing waits any more two minutes after a fault"),
  /** Workers do not end without being stopped. */
  WORKER_STAYS("a worker ends only when it is stopped or killed"),
  /** The schedule can be carried out. */
  RUN_GOES_ON("workers get ready and do what faults wait for"),
  /** The history can be judged. */
  RECORDED("the history is complete");

  private final String words;

  Promise(String words) {
    this.words = words;
  }

  /** As a report says it. */
  String words() {
    return words;
  }
}
