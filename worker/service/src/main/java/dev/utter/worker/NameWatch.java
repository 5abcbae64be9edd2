package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether another live worker uses this worker's name, as part of the worker. The lock in the state
 * folder finds one on the same host before anything starts; this hears of one elsewhere, when the
 * two fence each other's transactions.
 */
final class NameWatch implements Part {
  /** Without another fencing for so long the other is gone, or has another name. */
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
    // It only listens.
  }

  @Override
  public Optional<String> waitingFor() {
    return lastTaken
        .filter(at -> clock.instant().isBefore(at.plus(MEMORY)))
        .map(
            at ->
                "worker.name is \""
                    + worker
                    + "\", and so is that of another live worker: the two fence each other's"
                    + " transactions ("
                    + transactionalId
                    + ", last at "
                    + at
                    + "); give each worker a name of its own");
  }

  @Override
  public boolean close(Duration limit) {
    return true;
  }
}
