package dev.utter.worker.telemetry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A drain with three requests that does not end. */
final class RecordedDrain implements Drain {
  final List<Boolean> begun = new CopyOnWriteArrayList<>();
  volatile Phase phase = Phase.WORKING;

  @Override
  public Progress progress() {
    boolean drains = phase == Phase.DRAINING;
    return new Progress(
        "worker-1", phase, drains ? 3 : 0, drains ? List.of("synthesis") : List.of());
  }

  @Override
  public Progress begin(boolean exit) {
    begun.add(exit);
    if (phase == Phase.WORKING) {
      phase = Phase.DRAINING;
    }
    return progress();
  }
}
