package dev.utter.worker.verification;

import dev.utter.events.Verdict;
import dev.utter.worker.streams.StageListener;
import java.time.Duration;

/** What verification finds. Called on the stage's threads; must not block. */
public interface VerificationListener extends StageListener {

  /** A clip was checked. */
  default void checked(Verdict verdict, float confidence, Duration took) {}
}
