package dev.utter.worker.intake.lane;

import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.PartitionWork;
import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.offsets.Progress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the held records of each lane separately, so that a full BULK window never blocks
 * INTERACTIVE records. A lane is closed as soon as one more poll could overfill it. Records that
 * wait for something unavailable take no place, up to one more window of them. So a lane continues
 * while a few of its records wait, and never holds more than twice its window. Owned by the
 * intake's thread.
 */
public final class LaneWindows {
  private static final Logger LOGGER = LoggerFactory.getLogger(LaneWindows.class);

  private final int capacity;
  private final int pollRecords;
  private final IntakeListener listener;
  private final Map<String, Integer> held = new HashMap<>();

  /** By lane, the held records that wait for something unavailable. */
  private final Map<String, Set<Delivery>> aside = new HashMap<>();

  /** Partitions whose next record lies too far past the first unfinished one, and its offset. */
  private final Map<TopicPartition, Long> outOfSpan = new HashMap<>();

  /**
   * Empty windows.
   *
   * @param capacity records of each lane that may be held
   */
  public LaneWindows(IntakeSettings settings, int capacity, IntakeListener listener) {
    this.capacity = capacity;
    this.pollRecords = settings.pollRecords();
    this.listener = listener;
    settings.lanes().forEach(lane -> listener.window(lane, 0, capacity));
  }

  public void taken(Delivery delivery) {
    change(delivery.lane(), 1);
  }

  public void released(Delivery delivery) {
    setAside(delivery, false);
    change(delivery.lane(), -1);
  }

  /** Sets whether a held record waits for something unavailable, and so takes no place. */
  public void setAside(Delivery delivery, boolean waits) {
    Set<Delivery> waiting = aside.computeIfAbsent(delivery.lane(), lane -> new HashSet<>());
    if (waits) {
      waiting.add(delivery);
    } else {
      waiting.remove(delivery);
    }
  }

  /** The next record of a partition lies too far past the first unfinished one. */
  public void outOfSpan(TopicPartition partition, long offset) {
    if (outOfSpan.put(partition, offset) == null) {
      LOGGER
          .atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("offset", offset)
          .addKeyValue("maxSpan", Progress.MAX_SPAN)
          .log("Partition takes no record until its first unfinished one has ended");
    }
  }

  public void forget(Set<TopicPartition> partitions) {
    outOfSpan.keySet().removeAll(partitions);
  }

  /** The partitions from which no record may be taken now. */
  public Set<TopicPartition> closed(Assignment assignment) {
    outOfSpan
        .entrySet()
        .removeIf(
            entry ->
                assignment
                    .work(entry.getKey())
                    .filter(work -> !work.fits(entry.getValue()))
                    .isEmpty());
    Set<TopicPartition> closed = new HashSet<>(outOfSpan.keySet());
    for (PartitionWork work : assignment.works()) {
      if (isFull(work.partition().topic())) {
        closed.add(work.partition());
      }
    }
    return closed;
  }

  private boolean isFull(String lane) {
    int withoutPlace = Math.min(aside.getOrDefault(lane, Set.of()).size(), capacity);
    return held.getOrDefault(lane, 0) - withoutPlace + pollRecords > capacity;
  }

  private void change(String lane, int by) {
    int now = held.merge(lane, by, Integer::sum);
    listener.window(lane, now, capacity);
  }
}
