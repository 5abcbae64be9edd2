package dev.utter.worker.telemetry.metrics;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.intake.IntakeListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * The meters of the intake.
 *
 * <p>Threading: safe.
 */
final class IntakeMeters implements IntakeListener {
  private static final String LANE = "lane";

  private final Meters meters;
  private final MeterRegistry registry;
  private final WorkTime work;
  private final Consumer<String> nameTaken;

  /**
   * The meters of an intake.
   *
   * @param work estimates how long a backlog takes
   * @param nameTaken gets the transactional id when another live worker uses it, too
   */
  IntakeMeters(Meters meters, MeterRegistry registry, WorkTime work, Consumer<String> nameTaken) {
    this.meters = meters;
    this.registry = registry;
    this.work = work;
    this.nameTaken = requireNonNull(nameTaken, "nameTaken is null");
  }

  @Override
  public void window(String lane, int held, int capacity) {
    meters.gauge("utter.intake.held", LANE, lane).set(held);
    meters.gauge("utter.intake.window", LANE, lane).set(capacity);
  }

  @Override
  public void lag(String lane, long offsets) {
    meters.gauge("utter.intake.lag", LANE, lane).set(offsets);
  }

  @Override
  public void backlog(String lane, long offsets) {
    AtomicLong backlog = meters.gauge("utter.lane.backlog", LANE, lane);
    backlog.set(offsets);
    backlogSeconds(lane, backlog);
  }

  @Override
  public void unattendedPartitions(String lane, int partitions) {
    meters.gauge("utter.lane.partitions.unattended", LANE, lane).set(partitions);
  }

  @Override
  public void oldestHeld(String lane, Duration age) {
    meters.gauge("utter.intake.oldest.held.seconds", LANE, lane).set(age.toSeconds());
  }

  @Override
  public void refusedPartitions(String lane, int partitions) {
    meters.gauge("utter.intake.partitions.refused", LANE, lane).set(partitions);
  }

  @Override
  public void stalledPartitions(String lane, int partitions) {
    meters.gauge("utter.intake.partitions.stalled", LANE, lane).set(partitions);
  }

  @Override
  public void lost(TopicPartition partition, long offsets) {
    meters.counter("utter.intake.offsets.lost", LANE, partition.topic()).increment(offsets);
  }

  @Override
  public void purgeFailed() {
    meters.count("utter.intake.purges.failed");
  }

  @Override
  public void marked(int records, Duration took) {
    meters.timer("utter.intake.mark.time").record(took);
  }

  @Override
  public void finished(String lane, String kind) {
    meters.count("utter.outcomes", LANE, lane, "kind", kind);
  }

  @Override
  public void deadLetter(String lane) {
    meters.deadLetter(lane);
  }

  @Override
  public void transactionCommitted(int outcomes, Duration took) {
    meters.timer("utter.intake.transaction.time").record(took);
  }

  @Override
  public void transactionFailed(Exception why) {
    meters.count("utter.intake.transactions.failed", "error", why.getClass().getSimpleName());
  }

  @Override
  public void dropped(int records) {
    meters.counter("utter.intake.dropped").increment(records);
  }

  @Override
  public void nameTaken(String transactionalId) {
    meters.count("utter.intake.name.taken");
    nameTaken.accept(transactionalId);
  }

  /** Registered again it stays the first one. */
  private void backlogSeconds(String lane, AtomicLong backlog) {
    Gauge.builder("utter.backlog", backlog, requests -> work.secondsFor(requests.get()))
        .baseUnit("seconds")
        .tag(LANE, lane)
        .strongReference(true)
        .register(registry);
  }
}
