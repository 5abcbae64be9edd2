package dev.utter.chaos.fault;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Seen;
import dev.utter.chaos.process.WorkerNode;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;

/**
 * Workers that leave while they are busy, as when a fleet is made smaller. What a worker has begun
 * it must finish itself, within its grace period.
 */
final class Departures {
  private static final Duration READY = Duration.ofSeconds(90);
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int BURST = 16;
  private static final long POLL_MILLIS = 100;

  private Departures() {}

  /** SIGTERM, which the chart sends a pod that goes. */
  static String scaleDown(Stage stage, Strike strike) throws Exception {
    WorkerNode leaving = busy(stage, strike);
    strike.began(leaving.name());
    List<Seen> begun = begunBy(stage, leaving);
    leave(leaving);
    requireFinished(stage, leaving, begun);
    return joinAgain(stage, strike, leaving);
  }

  /** A drain, and SIGTERM when it has ended. */
  static String drain(Stage stage, Strike strike) throws Exception {
    WorkerNode leaving = busy(stage, strike);
    strike.began(leaving.name());
    List<Seen> begun = begunBy(stage, leaving);
    leaving.drain();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!leaving.drainProgress().orElse("").contains("\"state\":\"DRAINED\"")) {
      if (!leaving.isAlive() || System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(leaving.name() + " is not drained: " + leaving.logEnd());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    requireFinished(stage, leaving, begun);
    requireLeft(stage, leaving);
    leave(leaving);
    return joinAgain(stage, strike, leaving);
  }

  /** The last worker, once it works on some requests. */
  private static WorkerNode busy(Stage stage, Strike strike) throws InterruptedException {
    List<WorkerNode> speakers = stage.fleet().speakers();
    WorkerNode last = speakers.get(speakers.size() - 1);
    stage.recorder().forget();
    for (int i = 0; i < BURST; i++) {
      stage.publisher().plain(strike.id("burst" + i), Priority.NORMAL, Bound.NONE);
    }
    Kills.see(stage, startOf(last));
    return last;
  }

  private static List<Seen> begunBy(Stage stage, WorkerNode worker) {
    return stage.recorder().seen(startOf(worker));
  }

  private static Predicate<Seen> startOf(WorkerNode worker) {
    return record ->
        record.topic().equals(Topics.STARTED) && worker.name().equals(record.facts().get("worker"));
  }

  private static void leave(WorkerNode leaving) throws InterruptedException {
    if (!leaving.stop()) {
      throw new IllegalStateException(leaving.name() + " did not end: " + leaving.logEnd());
    }
  }

  private static void requireFinished(Stage stage, WorkerNode worker, List<Seen> begun)
      throws InterruptedException {
    for (Seen start : begun) {
      Seen outcome =
          Kills.see(
              stage,
              Kills.is(Topics.COMPLETED, start.id()).or(Kills.is(Topics.FAILED, start.id())));
      if (!worker.name().equals(outcome.facts().get("worker"))) {
        throw new IllegalStateException(
            "%s was begun by %s, which then left, and was finished by %s"
                .formatted(start.id(), worker.name(), outcome.facts().get("worker")));
      }
    }
  }

  private static void requireLeft(Stage stage, WorkerNode worker) throws Exception {
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", stage.backends().bootstrapServers()))) {
      ConsumerGroupDescription group =
          admin
              .describeConsumerGroups(List.of(Restarts.LANES_GROUP))
              .describedGroups()
              .values()
              .iterator()
              .next()
              .get();
      boolean stays =
          group.members().stream().anyMatch(member -> member.clientId().endsWith(worker.name()));
      if (stays) {
        throw new IllegalStateException(worker.name() + " is drained and still in the group");
      }
    }
  }

  /** Everything published meanwhile must end without it; then it comes back. */
  private static String joinAgain(Stage stage, Strike strike, WorkerNode left) throws Exception {
    Strike further = strike.further();
    String last = Kills.burst(stage, further);
    Kills.see(stage, Kills.is(Topics.COMPLETED, last));
    left.start();
    stage.fleet().awaitReady(left, READY);
    return left.name();
  }
}
