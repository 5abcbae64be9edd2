package dev.utter.worker.intake.lane;

import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.PartitionWork;
import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.offsets.Takeover;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Measures the lanes: lag, age and standstill. The lag counts to the end of the log, so it shows
 * what waits behind an open transaction, in a partition that is paused, refused, or not worked on
 * yet. Owned by the intake's thread.
 */
public final class LaneGauges {
  /** A generation takes at most 90 s; a request that waits behind many takes longer. */
  static final Duration STALLED = Duration.ofMinutes(10);

  private static final long ENDS_INTERVAL = Duration.ofSeconds(5).toNanos();

  /** The first unfinished record of a partition, and since when it is the first. */
  private record Stand(long offset, long since) {}

  private final Set<String> lanes;
  private final Function<Set<TopicPartition>, CompletableFuture<Map<TopicPartition, Long>>> logEnds;
  private final IntakeListener listener;
  private final LongSupplier nanos;
  private final Map<TopicPartition, Stand> stands = new HashMap<>();
  private @Nullable CompletableFuture<Map<TopicPartition, Long>> asked;
  private Map<TopicPartition, Long> ends = Map.of();
  private long askAt;

  public LaneGauges(
      Set<String> lanes,
      Function<Set<TopicPartition>, CompletableFuture<Map<TopicPartition, Long>>> logEnds,
      IntakeListener listener,
      LongSupplier nanos) {
    this.lanes = lanes;
    this.logEnds = logEnds;
    this.listener = listener;
    this.nanos = nanos;
    this.askAt = nanos.getAsLong();
  }

  /** Measures and reports. */
  public void measure(Assignment assignment) {
    readEnds(assignment.partitions());
    Map<TopicPartition, Takeover.Decision.Refuse> refused = assignment.refused();
    Map<String, Long> lags = zeros();
    Map<String, Long> ages = zeros();
    Map<String, Long> refusals = zeros();
    long now = nanos.getAsLong();
    for (PartitionWork work : assignment.works()) {
      addLag(lags, work.partition(), work.position());
      for (Delivery delivery : work.held()) {
        ages.merge(delivery.lane(), now - delivery.takenAt(), Math::max);
      }
    }
    refused.forEach(
        (partition, refusal) -> {
          addLag(lags, partition, refusal.from());
          refusals.merge(partition.topic(), 1L, Long::sum);
        });
    assignment.idle().stream()
        .filter(partition -> !refused.containsKey(partition))
        .forEach(partition -> addLag(lags, partition, assignment.knownStart(partition)));
    lags.forEach(listener::lag);
    ages.forEach((lane, age) -> listener.oldestHeld(lane, Duration.ofNanos(age)));
    refusals.forEach((lane, count) -> listener.refusedPartitions(lane, Math.toIntExact(count)));
    stalled(assignment, now).forEach(listener::stalledPartitions);
  }

  private Map<String, Integer> stalled(Assignment assignment, long now) {
    Map<String, Integer> stalled = new HashMap<>();
    lanes.forEach(lane -> stalled.put(lane, 0));
    stands.keySet().retainAll(assignment.partitions());
    for (PartitionWork work : assignment.works()) {
      if (work.isIdle()) {
        stands.remove(work.partition());
        continue;
      }
      long first = work.firstUnfinished();
      Stand stand = stands.get(work.partition());
      if (stand == null || stand.offset() != first) {
        stands.put(work.partition(), new Stand(first, now));
      } else if (now - stand.since() >= STALLED.toNanos()) {
        stalled.merge(work.partition().topic(), 1, Integer::sum);
      }
    }
    return stalled;
  }

  private void readEnds(Set<TopicPartition> partitions) {
    if (asked != null && asked.isDone()) {
      ends = asked.isCompletedExceptionally() ? ends : asked.join();
      asked = null;
    }
    if (asked == null && !partitions.isEmpty() && nanos.getAsLong() - askAt >= 0) {
      askAt = nanos.getAsLong() + ENDS_INTERVAL;
      asked = logEnds.apply(partitions);
    }
  }

  private void addLag(Map<String, Long> lags, TopicPartition partition, long next) {
    long end = ends.getOrDefault(partition, next);
    lags.merge(partition.topic(), Math.max(0, end - next), Long::sum);
  }

  private Map<String, Long> zeros() {
    Map<String, Long> zeros = new HashMap<>();
    lanes.forEach(lane -> zeros.put(lane, 0L));
    return zeros;
  }
}
