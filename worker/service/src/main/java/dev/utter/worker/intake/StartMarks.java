package dev.utter.worker.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Commits that work on records is about to begin, all requests of a loop turn in one commit, and
 * only then lets it begin. A commit whose answer got lost is simply repeated: a mark says how many
 * starts there were, not that there was one more. Owned by the intake's thread.
 */
final class StartMarks {
  private final Set<Delivery> waiting = new LinkedHashSet<>();

  /** Partitions with a committed start that has been taken back since. */
  private final Set<TopicPartition> lowered = new HashSet<>();

  private final GroupConsumer consumer;
  private final Assignment assignment;
  private final DeliveryHandler handler;
  private final IntakeListener listener;
  private final Clock clock;

  StartMarks(
      GroupConsumer consumer,
      Assignment assignment,
      DeliveryHandler handler,
      IntakeListener listener,
      Clock clock) {
    this.consumer = consumer;
    this.assignment = assignment;
    this.handler = handler;
    this.listener = listener;
    this.clock = clock;
  }

  void request(Delivery delivery) {
    if (!delivery.underWay() && !delivery.finishing()) {
      delivery.begin();
      waiting.add(delivery);
    }
  }

  /** The start does not count, whether or not it is committed by now. */
  void takeBack(Delivery delivery) {
    if (delivery.underWay() && !waiting.remove(delivery)) {
      lowered.add(delivery.partition());
    }
    delivery.takeBack();
  }

  void forget(Delivery delivery) {
    waiting.remove(delivery);
  }

  void commit() {
    if (waiting.isEmpty() && lowered.isEmpty()) {
      return;
    }
    Instant began = clock.instant();
    Set<TopicPartition> partitions = new HashSet<>(lowered);
    waiting.forEach(delivery -> partitions.add(delivery.partition()));
    Map<TopicPartition, OffsetAndMetadata> offsets = assignment.committable(partitions, Set.of());
    if (!offsets.isEmpty() && !consumer.commit(offsets)) {
      return;
    }
    lowered.clear();
    assignment.committed(offsets);
    List<Delivery> marked = List.copyOf(waiting);
    waiting.clear();
    if (!marked.isEmpty()) {
      listener.marked(marked.size(), Duration.between(began, clock.instant()));
    }
    marked.forEach(handler::started);
  }
}
