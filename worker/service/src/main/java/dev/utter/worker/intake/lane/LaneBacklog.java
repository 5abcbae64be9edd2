package dev.utter.worker.intake.lane;

import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.offsets.LaneOffsets.Standing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches all partitions of the lanes, whichever worker owns them: their backlog, and whether their
 * committed offsets still change. So every worker notices a partition without an owner. Owned by
 * the intake's thread; waits for no answer.
 */
public final class LaneBacklog {
  /** The same limit as for a worker's own partitions. */
  static final Duration UNATTENDED = LaneGauges.STALLED;

  private static final Logger LOGGER = LoggerFactory.getLogger(LaneBacklog.class);

  private static final long INTERVAL = Duration.ofSeconds(15).toNanos();

  /** What was committed of a partition with a backlog, and since when it is unchanged. */
  private record Stand(Standing standing, long since) {
    boolean isOf(Standing other) {
      return standing.committed().equals(other.committed());
    }
  }

  private final Set<String> lanes;
  private final Supplier<CompletableFuture<Map<TopicPartition, Standing>>> standings;
  private final IntakeListener listener;
  private final LongSupplier nanos;
  private final Map<TopicPartition, Stand> stands = new HashMap<>();
  private @Nullable CompletableFuture<Map<TopicPartition, Standing>> asked;
  private long askAt;

  /**
   * A watch on the lanes.
   *
   * @param standings requests the standing of all their partitions
   * @param nanos ticker in nanoseconds
   */
  public LaneBacklog(
      Set<String> lanes,
      Supplier<CompletableFuture<Map<TopicPartition, Standing>>> standings,
      IntakeListener listener,
      LongSupplier nanos) {
    this.lanes = lanes;
    this.standings = standings;
    this.listener = listener;
    this.nanos = nanos;
    this.askAt = nanos.getAsLong();
  }

  /** Sends requests at intervals, and reports an answer once it has arrived. */
  public void refresh() {
    if (asked != null && asked.isDone()) {
      CompletableFuture<Map<TopicPartition, Standing>> answer = asked;
      asked = null;
      try {
        report(answer.join());
      } catch (CompletionException e) {
        LOGGER
            .atInfo()
            .addKeyValue("reason", String.valueOf(e.getCause()))
            .log("Backlog of the lanes not read");
      }
    }
    if (asked == null && nanos.getAsLong() - askAt >= 0) {
      askAt = nanos.getAsLong() + INTERVAL;
      asked = standings.get();
    }
  }

  private void report(Map<TopicPartition, Standing> found) {
    Map<String, Long> backlogs = new HashMap<>();
    Map<String, Integer> unattended = new HashMap<>();
    for (String lane : lanes) {
      backlogs.put(lane, 0L);
      unattended.put(lane, 0);
    }
    stands.keySet().retainAll(found.keySet());
    long now = nanos.getAsLong();
    found.forEach(
        (partition, standing) -> {
          backlogs.merge(partition.topic(), standing.backlog(), Long::sum);
          if (isUnattended(partition, standing, now)) {
            unattended.merge(partition.topic(), 1, Integer::sum);
          }
        });
    backlogs.forEach(listener::backlog);
    unattended.forEach(listener::unattendedPartitions);
  }

  private boolean isUnattended(TopicPartition partition, Standing standing, long now) {
    Stand before = stands.get(partition);
    if (standing.backlog() == 0 || before == null || !before.isOf(standing)) {
      stands.put(partition, new Stand(standing, now));
      return false;
    }
    return now - before.since() >= UNATTENDED.toNanos();
  }
}
