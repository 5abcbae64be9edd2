package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Reports another live worker with the same name, as a part of this worker. The lock in the state
 * folder detects one on the same host before anything starts. This class learns of one on another
 * host when the two fence each other's transactions.
 */
final class NameWatch implements Part {
  /** Without a fencing for this long, the other worker is gone or has another name. */
  private static final Duration MEMORY = Duration.ofMinutes(2);

  private final String worker;
  private final Clock clock;
  private volatile Optional<Instant> lastTaken = Optional.empty();
  private volatile String transactionalId = "";

  NameWatch(String worker, Clock clock) {
    this.worker = requireNonNull(worker, "worker is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  /** Another process used this transactional id. Any thread. */
  void taken(String id) {
    transactionalId = id;
    lastTaken = Optional.of(clock.instant());
  }

  @Override
  public String name() {
    return "name";
  }

  @Override
  public void start() {
    // Nothing to start: this part only receives reports.
  }

  @Override
  public Optional<String> waitingFor() {
    return lastTaken
        .filter(at -> clock.instant().isBefore(at.plus(MEMORY)))
        .map(
            at ->
                "worker.name is \""
                    + worker
                    + "\", which another live worker also has: the two fence each other's"
                    + " transactions ("
                    + transactionalId
                    + ", last at "
                    + at
                    + "); give each worker a unique name");
  }

  @Override
  public boolean close(Duration limit) {
    return true;
  }
}
