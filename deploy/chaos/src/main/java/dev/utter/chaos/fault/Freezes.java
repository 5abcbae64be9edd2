package dev.utter.chaos.fault;

import dev.utter.chaos.history.Entry.Seen;
import dev.utter.chaos.process.WorkerNode;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A worker that is frozen for longer than its session timeout and then continues. */
final class Freezes {
  /** Longer than the session timeout of a run, 6 s. */
  private static final Duration SESSION_AND_MORE = Duration.ofSeconds(9);

  private Freezes() {}

  static String pastTheSession(Stage stage, Strike strike) throws Exception {
    String last = Kills.burst(stage, strike);
    Seen start = Kills.see(stage, Kills.is(Topics.STARTED, last));
    WorkerNode node = stage.fleet().node(start.fact("worker"));
    strike.began(node.name());
    node.freeze();
    try {
      TimeUnit.NANOSECONDS.sleep(SESSION_AND_MORE.toNanos());
      stage.open().await(Set.of(last), Kills.PATIENCE.toMillis());
    } finally {
      node.thaw();
    }
    return node.name();
  }
}
