package dev.utter.worker.intake.loop;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.intake.offsets.Takeover;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;

/** What the intake waits for, for readiness. Written by the intake's thread. */
final class IntakeState {
  private final AtomicReference<String> start = new AtomicReference<>("Kafka");
  private final AtomicReference<String> producer =
      new AtomicReference<>("a transactional producer");
  private final AtomicReference<String> refused = new AtomicReference<>("");
  private final AtomicReference<String> takeover = new AtomicReference<>("the first assignment");

  /** The intake waits for this before it can begin. */
  void waiting(String what) {
    start.set(what);
  }

  void began() {
    start.set("");
  }

  /** The transactional producer is ready. */
  void producerReady() {
    producer.set("");
  }

  /** The transactional producer is not ready. */
  void producerMissing(String why) {
    producer.set("a transactional producer: " + why);
  }

  void refused(Map<TopicPartition, Takeover.Decision.Refuse> partitions) {
    refused.set(
        partitions.entrySet().stream()
            .min(Map.Entry.comparingByKey(IntakeState::compare))
            .map(
                first ->
                    "an operator's decision about %d refused partitions; %s: %s"
                        .formatted(partitions.size(), first.getKey(), first.getValue().why()))
            .orElse(""));
  }

  /** Partitions that are not taken over yet. */
  void takingOver(Set<TopicPartition> partitions) {
    takeover.set(
        partitions.stream()
            .min(IntakeState::compare)
            .map(
                first ->
                    "the committed offsets of %d partitions, the first is %s"
                        .formatted(partitions.size(), first))
            .orElse(""));
  }

  private static int compare(TopicPartition one, TopicPartition other) {
    return one.toString().compareTo(other.toString());
  }

  /** What it waits for; empty if all is well. */
  Optional<String> waitingFor() {
    for (AtomicReference<String> reason : List.of(start, producer, refused, takeover)) {
      String waits = requireNonNull(reason.get());
      if (!waits.isEmpty()) {
        return Optional.of(waits);
      }
    }
    return Optional.empty();
  }
}
