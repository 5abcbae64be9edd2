package dev.utter.chaos.fault;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.process.WorkerNode;
import dev.utter.chaos.process.WorkerPlan;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.TopicPartition;

/** Workers that join, leave and restart. */
final class Restarts {
  static final String LANES_GROUP = "utter-synthesis";
  private static final Duration READY = Duration.ofSeconds(90);
  private static final int PER_SECOND = 20;
  private static final int PROBES = 20;
  private static final long PROBE_MILLIS = 500;

  private Restarts() {}

  static String rolling(Stage stage, Strike strike) throws Exception {
    AtomicInteger number = new AtomicInteger();
    ScheduledExecutorService steady = Executors.newSingleThreadScheduledExecutor();
    stage.load().pause();
    strike.began("every worker in turn");
    try {
      steady.scheduleAtFixedRate(
          () -> stage.publisher().hopeless(strike.id("steady" + number.getAndIncrement())),
          0,
          1000 / PER_SECOND,
          TimeUnit.MILLISECONDS);
      for (WorkerNode node : stage.fleet().nodes()) {
        node.stop();
        node.start();
        stage.fleet().awaitReady(node, READY);
      }
    } finally {
      steady.shutdown();
      steady.awaitTermination(10, TimeUnit.SECONDS);
      stage.load().resume();
    }
    return "every worker in turn";
  }

  static String joinAndLeave(Stage stage, Strike strike) throws Exception {
    Kills.burst(stage, strike);
    WorkerPlan plan = speaker(stage);
    strike.began("a further worker");
    WorkerNode joined =
        stage.fleet().add(new WorkerPlan(strike.id("joined"), plan.roles(), plan.slots()));
    stage.fleet().awaitReady(joined, READY);
    Kills.burst(stage, strike.further());
    TimeUnit.MILLISECONDS.sleep(500 + strike.random().nextInt(1000));
    joined.stop();
    stage.fleet().remove(joined);
    return joined.name();
  }

  /**
   * Probes go to partitions of a healthy worker. The partitions of the dead worker wait until its
   * session ends, and no promise bounds that time.
   */
  static String deathAndJoin(Stage stage, Strike strike) throws Exception {
    List<WorkerNode> speakers = stage.fleet().speakers();
    WorkerNode victim = speakers.get(strike.random().nextInt(speakers.size()));
    List<Integer> healthy = partitionsNotOf(stage, victim);
    Kills.burst(stage, strike);
    strike.began(victim.name());
    victim.kill();
    WorkerNode joined =
        stage
            .fleet()
            .add(new WorkerPlan(strike.id("joined"), victim.plan().roles(), victim.plan().slots()));
    stage.load().pause();
    for (int i = 0; i < PROBES; i++) {
      int partition = healthy.get(strike.random().nextInt(healthy.size()));
      stage
          .publisher()
          .plain(
              stage.publisher().idIn(partition, strike.id("probe" + i)),
              Priority.INTERACTIVE,
              Bound.BEGUN_BESIDE_DEATH);
      TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
    }
    stage.load().resume();
    stage.fleet().awaitReady(joined, READY);
    victim.start();
    stage.fleet().awaitReady(victim, READY);
    joined.stop();
    stage.fleet().remove(joined);
    return victim.name();
  }

  private static WorkerPlan speaker(Stage stage) {
    return stage.fleet().speakers().get(0).plan();
  }

  /** Partitions of the most urgent lane that other workers own. */
  private static List<Integer> partitionsNotOf(Stage stage, WorkerNode victim) throws Exception {
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", stage.backends().bootstrapServers()))) {
      ConsumerGroupDescription group =
          admin
              .describeConsumerGroups(List.of(LANES_GROUP))
              .describedGroups()
              .values()
              .iterator()
              .next()
              .get();
      Set<Integer> healthy =
          group.members().stream()
              .filter(member -> !member.clientId().endsWith(victim.name()))
              .flatMap(member -> member.assignment().topicPartitions().stream())
              .filter(partition -> partition.topic().equals(Topics.WORK_INTERACTIVE))
              .map(TopicPartition::partition)
              .collect(Collectors.toSet());
      if (healthy.isEmpty()) {
        throw new IllegalStateException("no healthy worker owns a partition: " + group.members());
      }
      return healthy.stream().sorted().toList();
    }
  }
}
