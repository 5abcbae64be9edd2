package dev.utter.worker.intake;

import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.group.GroupConsumer;
import dev.utter.worker.intake.offsets.LaneOffsets;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.intake.offsets.Takeover;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;

/** A worker's partitions on a {@link TestingBroker}, and a ticker in nanoseconds. */
public final class TestingAssignment {
  /** As often as a refusal has to be confirmed. */
  private static final int CONFIRMATIONS = 8;

  public final AtomicLong now = new AtomicLong();
  public final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  public final Assignment assignment;

  /** Owns everything that the broker has, and has taken over nothing. */
  public TestingAssignment(TestingBroker broker) {
    CommandQueue commands = new CommandQueue(() -> {});
    assignment =
        new Assignment(
            new GroupConsumer(kafka, commands, Duration.ofSeconds(1)),
            commands,
            new LaneOffsets(broker.admin(), TestingBroker.GROUP)::find,
            new Takeover(LostOffsets.REFUSE, TestingBroker.GROUP),
            IntakeListener.NONE,
            now::get);
    Set<TopicPartition> all = broker.partitions();
    kafka.subscribe(all.stream().map(TopicPartition::topic).collect(Collectors.toSet()));
    kafka.rebalance(all);
    kafka.updateBeginningOffsets(
        all.stream().collect(Collectors.toMap(partition -> partition, broker::start)));
    assignment.assigned(List.copyOf(all));
  }

  /** Takes over what can be, and refuses what cannot. */
  public TestingAssignment takeOver() {
    for (int i = 0; i < CONFIRMATIONS; i++) {
      assignment.takeOver();
      pass(Duration.ofSeconds(1));
    }
    return this;
  }

  public void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  /** Takes a record. */
  public Delivery take(TopicPartition partition, long offset) {
    Delivery delivery =
        assignment
            .work(partition)
            .orElseThrow()
            .take(
                new ConsumerRecord<>(
                    partition.topic(), partition.partition(), offset, new byte[0], new byte[0]))
            .orElseThrow();
    delivery.takenAt(now.get());
    return delivery;
  }

  /** Finishes a record and commits that. */
  public void finish(Delivery delivery) {
    assignment.committed(assignment.committable(Set.of(delivery.partition()), Set.of(delivery)));
    assignment.work(delivery.partition()).orElseThrow().finished(delivery);
  }
}
