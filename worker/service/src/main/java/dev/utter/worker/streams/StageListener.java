package dev.utter.worker.streams;

/** What happens in any Streams stage. Called on the stage's threads; must not block. */
public interface StageListener {

  /** A record of this topic went to the dead letters. */
  default void deadLetter(String topic) {}
}
