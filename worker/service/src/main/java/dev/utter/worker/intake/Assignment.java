package dev.utter.worker.intake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions this worker owns. A new one is worked on once its progress has been read; one
 * whose progress cannot be understood is refused, which keeps it paused as long as it is ours.
 * Owned by the intake's thread.
 */
final class Assignment {
  private static final Logger LOGGER = LoggerFactory.getLogger(Assignment.class);

  /** Short, since an earlier owner's open transaction can hold the answer back for seconds. */
  private static final Duration READ_WAIT = Duration.ofMillis(300);

  private final Map<TopicPartition, PartitionWork> works = new HashMap<>();
  private final Set<TopicPartition> unread = new HashSet<>();
  private final Set<TopicPartition> refused = new HashSet<>();
  private final GroupConsumer consumer;
  private final CommandQueue commands;
  private final IntakeListener listener;

  Assignment(GroupConsumer consumer, CommandQueue commands, IntakeListener listener) {
    this.consumer = consumer;
    this.commands = commands;
    this.listener = listener;
  }

  void assigned(Collection<TopicPartition> partitions) {
    unread.addAll(partitions);
  }

  /** Forgets the partitions and gives what was held of them. */
  List<Delivery> remove(Collection<TopicPartition> partitions) {
    List<Delivery> held = held(partitions);
    works.keySet().removeAll(partitions);
    unread.removeAll(partitions);
    refused.removeAll(partitions);
    return held;
  }

  /** Reads the progress of partitions that are new, if there are any. */
  void takeOver() {
    if (unread.isEmpty()) {
      return;
    }
    consumer
        .committed(Set.copyOf(unread), READ_WAIT)
        .ifPresent(
            committed -> {
              Set.copyOf(unread).forEach(partition -> takeOver(partition, committed));
              unread.clear();
            });
  }

  private void takeOver(
      TopicPartition partition, Map<TopicPartition, OffsetAndMetadata> committed) {
    OffsetAndMetadata offset = committed.get(partition);
    try {
      works.put(partition, PartitionWork.takeOver(partition, offset, commands));
      if (offset != null) {
        consumer.seek(partition, offset.offset());
      }
    } catch (UnreadableProgressException e) {
      refused.add(partition);
      listener.refused(partition, e.getMessage());
      LOGGER
          .atError()
          .setCause(e)
          .addKeyValue("partition", partition)
          .addKeyValue("offset", offset.offset())
          .log("Partition refused: nobody can tell which of its records are finished");
    }
  }

  Optional<PartitionWork> work(TopicPartition partition) {
    return Optional.ofNullable(works.get(partition));
  }

  Collection<PartitionWork> works() {
    return works.values();
  }

  /** Owned but not worked on, now or at all. */
  Set<TopicPartition> idle() {
    Set<TopicPartition> idle = new HashSet<>(unread);
    idle.addAll(refused);
    return idle;
  }

  boolean holds(Delivery delivery) {
    PartitionWork work = works.get(delivery.partition());
    return work != null && work.holds(delivery);
  }

  List<Delivery> held() {
    return held(works.keySet());
  }

  List<Delivery> held(Collection<TopicPartition> partitions) {
    List<Delivery> held = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      work(partition).ifPresent(work -> held.addAll(work.held()));
    }
    return held;
  }

  /** Offsets and progress of the partitions as they are once the deliveries are finished. */
  Map<TopicPartition, OffsetAndMetadata> committable(
      Collection<TopicPartition> partitions, Set<Delivery> finishing) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : partitions) {
      work(partition)
          .flatMap(work -> work.committable(finishing))
          .ifPresent(offset -> offsets.put(partition, offset));
    }
    return offsets;
  }

  void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach(
        (partition, offset) -> work(partition).ifPresent(work -> work.committed(offset)));
  }
}
