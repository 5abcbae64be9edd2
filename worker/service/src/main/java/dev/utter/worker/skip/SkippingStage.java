package dev.utter.worker.skip;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A stage that skips records. */
public enum SkippingStage {
  /** Reads what publishers send. */
  ADMISSION,
  /** Reads the lanes. */
  SYNTHESIS,
  /** Reads completed events and requests to verify. */
  VERIFICATION,
  /** Reads all events of a request. */
  STATUS;

  /** The stage of a name, whatever its case; empty if there is none. */
  static Optional<SkippingStage> of(String name) {
    return Stream.of(values()).filter(stage -> stage.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Name in settings and group ids. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
