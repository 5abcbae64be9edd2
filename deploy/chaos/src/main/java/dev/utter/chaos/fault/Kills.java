package dev.utter.chaos.fault;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Seen;
import dev.utter.chaos.process.Backends;
import dev.utter.chaos.process.WorkerNode;
import dev.utter.embedded.faults.Exchange;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * kill -9 at the boundaries of the stages. The worker has no hooks for this: the harness kills it
 * when it sees that a request has passed a boundary. It starts the killed worker again at once,
 * under the same name.
 */
final class Kills {
  static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int BURST = 6;
  private static final int NEIGHBOURS = 3;
  private static final Duration NEIGHBOUR_PATIENCE = Duration.ofSeconds(4);

  private Kills() {}

  static String whenAdmitted(Stage stage, Strike strike) throws Exception {
    String last = burst(stage, strike);
    see(stage, record -> Topics.lanes().contains(record.topic()) && record.key().equals(last));
    List<WorkerNode> speakers = stage.fleet().speakers();
    return kill(stage, strike, speakers.get(strike.random().nextInt(speakers.size())));
  }

  static String whenStarted(Stage stage, Strike strike) throws Exception {
    String last = burst(stage, strike);
    Seen start = see(stage, is(Topics.STARTED, last));
    return kill(stage, strike, stage.fleet().node(start.fact("worker")));
  }

  static String whenGenerated(Stage stage, Strike strike) throws Exception {
    String last = burst(stage, strike);
    Seen start = see(stage, is(Topics.STARTED, last));
    TimeUnit.MILLISECONDS.sleep(100 + strike.random().nextInt(400));
    return kill(stage, strike, stage.fleet().node(start.fact("worker")));
  }

  static String whenPublished(Stage stage, Strike strike) throws Exception {
    String last = burst(stage, strike);
    Seen completed = see(stage, is(Topics.COMPLETED, last));
    return kill(stage, strike, stage.fleet().node(completed.fact("worker")));
  }

  static String whenMarked(Stage stage, Strike strike) throws Exception {
    return whilePutting(stage, strike, Interception::cutBefore);
  }

  static String whenStored(Stage stage, Strike strike) throws Exception {
    return whilePutting(stage, strike, Interception::holdAnswer);
  }

  /**
   * The network holds back the put of a clip. Other requests of its partition end, so that the
   * committed progress has gaps. Then the worker dies, and another worker finishes the request.
   * Only then does the delayed put reach the store.
   */
  static String beforeALatePut(Stage stage, Strike strike) throws Exception {
    int partition = strike.random().nextInt(stage.partitions());
    String late = stage.publisher().idIn(partition, strike.id("late"));
    Interception held = Interception.holdRequest(first(putOf(late)));
    stage.backends().storeNetwork().add(held);
    try {
      stage.publisher().plain(late, Priority.NORMAL, Bound.NONE);
      String[] neighbours = new String[BURST];
      for (int i = 0; i < BURST; i++) {
        neighbours[i] = stage.publisher().idIn(partition, strike.id("beside" + i));
        stage.publisher().plain(neighbours[i], Priority.NORMAL, Bound.NONE);
      }
      Exchange put = held.met().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      stage
          .open()
          .await(
              Set.of(List.of(neighbours).subList(0, NEIGHBOURS).toArray(String[]::new)),
              NEIGHBOUR_PATIENCE.toMillis());
      WorkerNode node = stage.fleet().node(put.client());
      String target = kill(stage, strike, node) + ", " + late;
      stage.open().await(Set.of(late), PATIENCE.toMillis());
      return target;
    } finally {
      stage.backends().storeNetwork().remove(held);
    }
  }

  private static String whilePutting(
      Stage stage, Strike strike, Function<Predicate<Exchange>, Interception> how)
      throws Exception {
    String id = strike.id("put");
    Interception interception = how.apply(first(putOf(id)));
    stage.backends().storeNetwork().add(interception);
    try {
      burst(stage, strike);
      stage.publisher().plain(id, Priority.NORMAL, Bound.NONE);
      Exchange put = interception.met().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return kill(stage, strike, stage.fleet().node(put.client())) + ", " + id;
    } finally {
      stage.backends().storeNetwork().remove(interception);
    }
  }

  /**
   * Publishes some requests at once, so that a kill interrupts running work; returns the id of the
   * last one.
   */
  static String burst(Stage stage, Strike strike) {
    stage.recorder().forget();
    String id = "";
    for (int i = 0; i < BURST; i++) {
      id = strike.id("burst" + i);
      stage.publisher().plain(id, Priority.NORMAL, Bound.NONE);
    }
    return id;
  }

  static String kill(Stage stage, Strike strike, WorkerNode node) {
    strike.began(node.name());
    node.kill();
    node.start();
    return node.name();
  }

  static Seen see(Stage stage, Predicate<Seen> wanted) throws InterruptedException {
    return stage
        .recorder()
        .await(wanted, PATIENCE)
        .orElseThrow(() -> new IllegalStateException("the event at which to strike did not come"));
  }

  static Predicate<Seen> is(String topic, String id) {
    return record -> record.topic().equals(topic) && record.id().equals(id);
  }

  private static Predicate<Exchange> putOf(String id) {
    return exchange ->
        exchange.method().equals("PUT")
            && Backends.keyOf(exchange.path()).startsWith(Backends.PREFIX + "/" + id + ".");
  }

  /** Only the first request of an object is held back, not its retry. */
  private static Predicate<Exchange> first(Predicate<Exchange> wanted) {
    AtomicBoolean met = new AtomicBoolean();
    return exchange -> wanted.test(exchange) && met.compareAndSet(false, true);
  }
}
