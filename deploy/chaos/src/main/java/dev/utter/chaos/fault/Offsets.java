package dev.utter.chaos.fault;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.process.WorkerNode;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupNotEmptyException;

/** Deletion of committed offsets. */
final class Offsets {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final long POLL_MILLIS = 200;
  private static final long SETTLE_SECONDS = 3;

  private Offsets() {}

  /**
   * All requests have ended before, and none may get a second outcome. If workers refuse their
   * partitions, the harness does what an operator would do who knows that no request is left: it
   * stops all workers and sets the offsets to the end.
   */
  static String deleted(Stage stage, Strike strike) throws Exception {
    stage.load().pause();
    stage.open().await(stage.open().snapshot(), Kills.PATIENCE.toMillis());
    List<WorkerNode> speakers = stage.fleet().speakers();
    strike.began(Restarts.LANES_GROUP);
    String target;
    stop(speakers);
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", stage.backends().bootstrapServers()))) {
      deleteGroup(admin);
      speakers.forEach(WorkerNode::start);
      awaitDecision(speakers);
      // A worker is ready before its last partitions are assigned, and may refuse those.
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      boolean refused = awaitDecision(speakers);
      if (refused) {
        stop(speakers);
        setToTheEnd(admin, stage.partitions());
        speakers.forEach(WorkerNode::start);
      }
      target = Restarts.LANES_GROUP + (refused ? ", refused until it was reset" : ", went on");
    }
    for (WorkerNode node : speakers) {
      stage.fleet().awaitReady(node, READY);
    }
    stage.publisher().plain(strike.id("after"), Priority.NORMAL, Bound.NONE);
    stage.load().resume();
    return target;
  }

  /** A killed worker remains a member of the group until its session ends. */
  private static void deleteGroup(Admin admin) throws Exception {
    long deadline = System.nanoTime() + READY.toNanos();
    while (true) {
      try {
        admin.deleteConsumerGroups(List.of(Restarts.LANES_GROUP)).all().get();
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof GroupNotEmptyException) || System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    }
  }

  private static void stop(List<WorkerNode> nodes) throws InterruptedException {
    for (WorkerNode node : nodes) {
      node.stop();
    }
  }

  /** Waits until each worker is ready or refuses partitions; returns whether one refuses. */
  private static boolean awaitDecision(List<WorkerNode> nodes) throws InterruptedException {
    long deadline = System.nanoTime() + READY.toNanos();
    boolean refused = false;
    for (WorkerNode node : nodes) {
      while (!node.isReady()) {
        if (node.refusedPartitions() > 0) {
          refused = true;
          break;
        }
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(node.name() + " neither works nor refuses");
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    }
    return refused;
  }

  private static void setToTheEnd(Admin admin, int partitions) throws Exception {
    List<TopicPartition> lanes =
        Topics.lanes().stream()
            .flatMap(
                lane ->
                    IntStream.range(0, partitions)
                        .mapToObj(number -> new TopicPartition(lane, number)))
            .toList();
    Map<TopicPartition, OffsetAndMetadata> ends =
        admin
            .listOffsets(
                lanes.stream().collect(Collectors.toMap(lane -> lane, lane -> OffsetSpec.latest())))
            .all()
            .get()
            .entrySet()
            .stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, end -> new OffsetAndMetadata(end.getValue().offset())));
    admin.alterConsumerGroupOffsets(Restarts.LANES_GROUP, ends).all().get();
  }
}
