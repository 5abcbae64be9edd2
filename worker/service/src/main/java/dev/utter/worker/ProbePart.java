package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.telemetry.Probe;
import java.time.Duration;
import java.util.Optional;

/** A service that the worker depends on, as a part of the worker: ready while it answers. */
final class ProbePart implements Part {
  private final String name;
  private final Probe probe;

  ProbePart(String name, Probe probe) {
    this.name = requireNonNull(name, "name is null");
    this.probe = requireNonNull(probe, "probe is null");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void start() {
    // The probe started when it was created.
  }

  @Override
  public Optional<String> waitingFor() {
    return probe.failure();
  }

  @Override
  public boolean close(Duration limit) {
    probe.close();
    return true;
  }
}
