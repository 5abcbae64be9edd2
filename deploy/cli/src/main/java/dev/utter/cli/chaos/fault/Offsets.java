package dev.utter.cli.chaos.fault;

import dev.utter.cli.chaos.history.Entry.Bound;
import dev.utter.cli.chaos.process.WorkerNode;
import dev.utter.events.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** Committed offsets that are gone. */
final class Offsets {
  private static final Duration READY = Duration.ofSeconds(60);
  private static final long SETTLE_SECONDS = 5;

  private Offsets() {}

  /** Everything that was asked has ended before; nothing of it may end a second time. */
  static String deleted(Stage stage, Strike strike) throws Exception {
    stage.load().pause();
    stage.open().await(stage.open().snapshot(), Kills.PATIENCE.toMillis());
    List<WorkerNode> speakers = stage.fleet().speakers();
    strike.began(Restarts.LANES_GROUP);
    for (WorkerNode node : speakers) {
      node.stop();
    }
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", stage.backends().bootstrapServers()))) {
      admin.deleteConsumerGroups(List.of(Restarts.LANES_GROUP)).all().get();
    }
    speakers.forEach(WorkerNode::start);
    for (WorkerNode node : speakers) {
      stage.fleet().awaitReady(node, READY);
    }
    stage.publisher().plain(strike.id("after"), Priority.NORMAL, Bound.NONE);
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    stage.load().resume();
    return Restarts.LANES_GROUP;
  }
}
