package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class IntakeTest {
  private IntakeRig rig;

  @BeforeEach
  void openRig() {
    rig = new IntakeRig(SharedStack.get(), 2);
  }

  @AfterEach
  void closeRig() {
    rig.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void publishesEveryOutcomeOnceThoughRecordsFinishInAnyOrder(String protocol) {
    // Given
    List<String> values = new ArrayList<>(numbered("r", 120));
    rig.publishTransactionally(rig.interactive, values.subList(0, 60));
    rig.publish(rig.bulk, values.subList(60, 120));
    TestingWorker worker =
        rig.worker(rig.settings("a", 64, Map.of("group.protocol", protocol)))
            .holding(value -> true);
    await().atMost(PATIENCE).until(() -> worker.started.size() == 120);

    // When
    Collections.shuffle(values, new Random(3));
    values.forEach(worker::finish);

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 120);
    assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
    await().atMost(PATIENCE).until(() -> rig.lag(rig.interactive, 2) + rig.lag(rig.bulk, 2) == 0);
  }

  @Test
  void commitsTheStartMarkersOfRecordsThatStartTogetherAtOnce() {
    // Given
    rig.publish(rig.bulk, numbered("r", 16));
    TestingWorker worker = rig.worker("a").starting(value -> false);
    await().atMost(PATIENCE).until(() -> worker.taken.size() == 16);

    // When
    Delivery.startAll(List.copyOf(worker.taken.values()));

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 16);
    assertThat(worker.marks).containsExactly(16);
  }

  @Test
  void leavesTheNextOwnerWhatACrashedWorkerStartedAndFinished() {
    // Given
    rig.publish(rig.bulk, "one", "two", "three", "four");
    TestingWorker first =
        rig.worker("a")
            .starting(value -> !value.equals("four"))
            .holding(value -> !value.equals("two"));
    await().atMost(PATIENCE).until(() -> first.taken.size() == 4 && first.started.size() == 3);
    await().atMost(PATIENCE).until(() -> first.committed.containsKey("two"));

    // When
    first.crash();
    TestingWorker second = rig.worker("b");

    // Then
    await().atMost(PATIENCE).until(() -> second.committed.size() == 3);
    assertThat(second.startsWhenTaken)
        .containsExactlyInAnyOrderEntriesOf(Map.of("one", 1, "three", 1, "four", 0));
    assertThat(rig.visible()).containsExactlyInAnyOrder("one", "two", "three", "four");
  }

  @Test
  void countsEveryStartThatEndedInACrash() {
    // Given
    rig.publish(rig.bulk, "poison");

    // When
    for (String name : List.of("a", "b", "c")) {
      TestingWorker worker = rig.worker(name).holding(value -> true);
      await().atMost(PATIENCE).until(() -> worker.started.containsKey("poison"));
      worker.crash();
    }
    TestingWorker last = rig.worker("d");

    // Then
    await().atMost(PATIENCE).until(() -> last.committed.containsKey("poison"));
    assertThat(last.startsWhenTaken).containsEntry("poison", 3);
  }

  @Test
  void countsAnAttemptThatFailedInsideTheWorker() {
    // Given
    rig.publish(rig.bulk, "shaky");
    TestingWorker worker = rig.worker("a").holding(value -> true);
    await().atMost(PATIENCE).until(() -> worker.started.containsKey("shaky"));
    Delivery delivery = worker.started.remove("shaky");

    // When
    delivery.attemptFailed();
    delivery.start();

    // Then
    await().atMost(PATIENCE).until(() -> worker.started.containsKey("shaky"));
    assertThat(delivery.starts()).isEqualTo(2);
  }

  @Test
  void countsNoAttemptThatAStopInterrupted() {
    // Given
    rig.publish(rig.bulk, "slow", "waiting");
    TestingWorker first =
        rig.worker("a").starting(value -> value.equals("slow")).holding(value -> true);
    await().atMost(PATIENCE).until(() -> first.started.size() == 1 && first.taken.size() == 2);

    // When
    first.intake().close();
    TestingWorker second = rig.worker("b");

    // Then
    await().atMost(PATIENCE).until(() -> second.committed.size() == 2);
    assertThat(first.dropped).containsOnlyKeys("slow", "waiting");
    assertThat(second.startsWhenTaken)
        .containsExactlyInAnyOrderEntriesOf(Map.of("slow", 0, "waiting", 0));
    assertThat(rig.visible()).containsExactlyInAnyOrder("slow", "waiting");
  }

  @Test
  void finishesRunningWorkBeforeItStops() {
    // Given
    rig.publish(rig.bulk, "running", "waiting");
    TestingWorker worker =
        rig.worker("a").starting(value -> value.equals("running")).holding(value -> true);
    await().atMost(PATIENCE).until(() -> worker.started.size() == 1 && worker.taken.size() == 2);

    // When
    worker.intake().stop();
    await().atMost(PATIENCE).until(() -> worker.dropped.containsKey("waiting"));
    worker.finish("running");

    // Then
    await().atMost(PATIENCE).until(() -> worker.intake().terminated().isDone());
    assertThat(rig.visible()).containsExactly("running");
    assertThat(worker.dropped).containsOnlyKeys("waiting");
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void movesPartitionsToANewWorkerWithoutLossOrDouble(String protocol) {
    // Given
    Map<String, String> consumer = Map.of("group.protocol", protocol);
    List<String> values = numbered("r", 40);
    rig.publish(rig.interactive, values.subList(0, 20));
    rig.publish(rig.bulk, values.subList(20, 40));
    TestingWorker first = rig.worker(rig.settings("a", 64, consumer)).holding(value -> true);
    await().atMost(PATIENCE).until(() -> first.started.size() == 40);

    // When
    TestingWorker second = rig.worker(rig.settings("b", 64, consumer));
    await().atMost(PATIENCE).until(() -> !second.committed.isEmpty());
    values.stream().filter(value -> !first.dropped.containsKey(value)).forEach(first::finish);

    // Then
    await().atMost(PATIENCE).until(() -> first.committed.size() + second.committed.size() == 40);
    assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
    assertThat(first.committed).isNotEmpty();
    assertThat(second.startsWhenTaken.values()).containsOnly(0);
  }

  @Test
  void takesInteractiveRecordsWhileTheBulkWindowIsFull() {
    // Given
    rig.publish(rig.bulk, numbered("bulk", 200));
    TestingWorker worker =
        rig.worker(rig.settings("a", 10, Map.of())).holding(value -> value.startsWith("bulk"));
    await().atMost(PATIENCE).until(() -> worker.taken.size() >= 3);

    // When
    rig.publish(rig.interactive, numbered("quick", 30));

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 30);
    assertThat(worker.mostHeld.get(rig.bulk)).isLessThanOrEqualTo(10);
    assertThat(worker.mostHeld.get(rig.interactive)).isLessThanOrEqualTo(10);
    assertThat(worker.committed.keySet()).allMatch(value -> value.startsWith("quick"));
  }

  @Test
  void keepsItsPartitionsThroughAJobLongerThanThePollInterval() {
    // Given
    rig.publish(rig.bulk, "long");
    TestingWorker worker =
        rig.worker(rig.settings("a", 8, Map.of("max.poll.interval.ms", "1500")))
            .holding(value -> true);
    await().atMost(PATIENCE).until(() -> worker.started.containsKey("long"));
    Instant enough = Instant.now().plusMillis(4000);

    // When
    await().atMost(PATIENCE).until(() -> Instant.now().isAfter(enough));
    worker.finish("long");

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.containsKey("long"));
    assertThat(worker.dropped).isEmpty();
    assertThat(worker.taken).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void fencesAWorkerThatStoppedPolling(String protocol) {
    // Given
    Map<String, String> consumer =
        Map.of("group.protocol", protocol, "max.poll.interval.ms", "2000");
    rig.publish(rig.bulk, "frozen");
    TestingWorker first =
        rig.worker(rig.settings("a", 8, consumer)).freezingAt("frozen").holding(value -> true);
    await().atMost(PATIENCE).until(() -> first.started.containsKey("frozen"));
    first.finish("frozen");
    TestingWorker second = rig.worker(rig.settings("b", 8, consumer));
    await().atMost(PATIENCE).until(() -> second.committed.containsKey("frozen"));

    // When
    first.thaw();

    // Then
    await().atMost(PATIENCE).until(() -> first.dropped.containsKey("frozen"));
    assertThat(rig.visible()).containsExactly("frozen");
    assertThat(first.committed).isEmpty();
    assertThat(second.startsWhenTaken).containsEntry("frozen", 1);
  }

  @Test
  void refusesAPartitionWithProgressOfALaterVersionAndWorksOnTheOthers() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    TopicPartition foreign = new TopicPartition(rig.bulk, 0);
    rig.commitBeginnings(2);
    rig.commit(foreign, new OffsetAndMetadata(1, "utter2:whatever"));

    // When
    TestingWorker worker = rig.worker("a");

    // Then
    await().atMost(PATIENCE).until(() -> !worker.committed.isEmpty() && !worker.refused.isEmpty());
    await().atMost(PATIENCE).until(() -> worker.committed.size() == worker.taken.size());
    assertThat(worker.refused).containsOnlyKeys(foreign);
    assertThat(worker.taken.values()).allMatch(delivery -> delivery.record().partition() == 1);
    assertThat(rig.committed()).containsEntry(foreign, new OffsetAndMetadata(1, "utter2:whatever"));
  }

  @Test
  void trustsTheOffsetOfAnotherToolAndIgnoresItsMetadata() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    TopicPartition reset = new TopicPartition(rig.bulk, 0);
    rig.commitBeginnings(2);
    rig.commit(reset, new OffsetAndMetadata(3, "moved by hand"));

    // When
    TestingWorker worker = rig.worker("a");

    // Then
    await().atMost(PATIENCE).until(() -> rig.lag(rig.bulk, 2) == 0);
    assertThat(worker.committed).hasSize(37);
  }

  @Test
  void publishesNothingForAnOutcomeWithoutRecords() {
    // Given
    rig.publish(rig.bulk, "silent");
    TestingWorker worker = rig.worker("a").holding(value -> true);
    await().atMost(PATIENCE).until(() -> worker.started.containsKey("silent"));

    // When
    worker.started.get("silent").finish(new Outcome("duplicate", List.of()));

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.containsKey("silent"));
    assertThat(rig.visible()).isEmpty();
    assertThat(rig.lag(rig.bulk, 2)).isZero();
  }
}
