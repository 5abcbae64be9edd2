package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.telemetry.StoreProbe;
import java.util.Optional;

/** The object store as part of the worker: ready while it answers. */
final class StorePart implements Part {
  private final StoreProbe probe;

  StorePart(StoreProbe probe) {
    this.probe = requireNonNull(probe, "probe is null");
  }

  @Override
  public String name() {
    return "storage";
  }

  @Override
  public void start() {
    // The probe has started by itself.
  }

  @Override
  public Optional<String> waitingFor() {
    return probe.failure();
  }

  @Override
  public void close() {
    probe.close();
  }
}
