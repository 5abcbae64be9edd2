package dev.utter.chaos.fault;

import dev.utter.chaos.process.Program;
import dev.utter.chaos.process.WorkerNode;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Workers that change their version, one at a time and under load, as in a rolling upgrade. */
final class Versions {
  private static final Duration READY = Duration.ofSeconds(90);

  private Versions() {}

  static String upgrade(Stage stage, Strike strike) throws Exception {
    return restart(stage, strike, WorkerNode::isOther, null);
  }

  static String rollBack(Stage stage, Strike strike) throws Exception {
    return restart(stage, strike, node -> !node.isOther(), stage.fleet().other().orElseThrow());
  }

  /** Restarts the first worker of a version with another one, on its name and state. */
  private static String restart(
      Stage stage, Strike strike, Predicate<WorkerNode> wanted, @Nullable Program next)
      throws Exception {
    WorkerNode node =
        stage.fleet().nodes().stream()
            .filter(wanted)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("all workers run this version already"));
    Kills.burst(stage, strike);
    strike.began(node.name());
    node.stop();
    node.run(next);
    node.start();
    stage.fleet().awaitReady(node, READY);
    String last = Kills.burst(stage, strike.further());
    Kills.see(stage, Kills.is(Topics.COMPLETED, last));
    return node.name();
  }
}
