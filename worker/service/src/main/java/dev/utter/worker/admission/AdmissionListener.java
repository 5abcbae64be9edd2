package dev.utter.worker.admission;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.worker.streams.StageListener;

/** Receives what admission does with requests. Called on the stage's threads; must not block. */
public interface AdmissionListener extends StageListener {

  /** A request was sent to its lane. */
  default void admitted(Priority lane) {}

  /** A request was refused. */
  default void refused(FailureCode code) {}

  /** A repetition was dropped. */
  default void repeated() {}

  /** A record of this topic was refused, because its id is another publisher's. */
  default void foreign(String topic) {}

  /** A record of this topic was published again in the partition of its key. */
  default void forwarded(String topic) {}
}
