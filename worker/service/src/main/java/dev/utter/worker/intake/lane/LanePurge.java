package dev.utter.worker.intake.lane;

import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.PartitionWork;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the records of a lane that are behind the committed offset: lanes keep records until they
 * are finished, without a time limit. If the committed offset is lost, a log that begins at its
 * first unfinished record also shows the next owner what is finished. Owned by the intake's thread.
 */
public final class LanePurge {
  private static final Logger LOGGER = LoggerFactory.getLogger(LanePurge.class);
  private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

  /** For partitions of which this worker has deleted nothing yet. */
  private static final long FIRST_INTERVAL = Duration.ofSeconds(1).toNanos();

  private final Admin admin;
  private final IntakeListener listener;
  private final LongSupplier nanos;

  /** By partition, the offset up to which this worker has deleted. */
  private final Map<TopicPartition, Long> purged = new HashMap<>();

  private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
  private long last;
  private boolean failureLogged;

  public LanePurge(Admin admin, IntakeListener listener, LongSupplier nanos) {
    this.admin = admin;
    this.listener = listener;
    this.nanos = nanos;
    this.last = nanos.getAsLong();
  }

  /** Deletes at intervals, without waiting for the answer. */
  public void run(Collection<PartitionWork> works) {
    if (!running.isDone()) {
      return;
    }
    report();
    Map<TopicPartition, RecordsToDelete> behind = behind(works);
    boolean first = !purged.keySet().containsAll(behind.keySet());
    if (!behind.isEmpty()
        && nanos.getAsLong() - last >= (first && !failureLogged ? FIRST_INTERVAL : INTERVAL)) {
      start(behind);
    }
  }

  /** Deletes what is behind the last commit before the partitions are given up. */
  public void finish(Collection<PartitionWork> works, Duration wait) {
    Map<TopicPartition, RecordsToDelete> behind = behind(works);
    if (behind.isEmpty() || failureLogged) {
      return;
    }
    start(behind);
    try {
      running.get(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOGGER.atInfo().addKeyValue("reason", e.toString()).log("Finished records not deleted");
    }
  }

  private Map<TopicPartition, RecordsToDelete> behind(Collection<PartitionWork> works) {
    Map<TopicPartition, RecordsToDelete> behind = new HashMap<>();
    for (PartitionWork work : works) {
      work.committed()
          .ifPresent(
              offset -> {
                if (offset > purged.getOrDefault(work.partition(), 0L)) {
                  behind.put(work.partition(), RecordsToDelete.beforeOffset(offset));
                }
              });
    }
    return behind;
  }

  private void start(Map<TopicPartition, RecordsToDelete> behind) {
    last = nanos.getAsLong();
    running = admin.deleteRecords(behind).all().toCompletionStage().toCompletableFuture();
    behind.forEach((partition, to) -> purged.put(partition, to.beforeOffset()));
  }

  private void report() {
    if (!running.isCompletedExceptionally()) {
      return;
    }
    Throwable why = running.handle((nothing, failure) -> failure).join();
    running = CompletableFuture.completedFuture(null);
    purged.clear();
    listener.purgeFailed();
    if (!failureLogged) {
      failureLogged = true;
      LOGGER
          .atWarn()
          .addKeyValue("reason", String.valueOf(why))
          .addKeyValue("allowed", !(why instanceof AuthorizationException))
          .log(
              "Finished records of the lanes are not deleted, trying again every minute. The worker"
                  + " needs the operation Delete on its lanes; without it a lane grows, and requests"
                  + " may be repeated if the group's offsets are lost");
    }
  }
}
