package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.group.KafkaProperties;
import dev.utter.worker.intake.lane.LanePurge;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.intake.offsets.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Committed offsets that are gone, or that do not fit the log. */
@Tag("integration")
class IntakeOffsetsTest {
  private IntakeRig rig;
  private TopicPartition damaged;

  @BeforeEach
  void openRig() {
    rig = new IntakeRig(SharedStack.get(), 2);
    damaged = new TopicPartition(rig.bulk, 0);
  }

  @AfterEach
  void closeRig() {
    rig.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void finishedRecordsAreDeletedFromTheLane(String protocol) {
    // Given
    List<String> values = numbered("r", 40);
    rig.publish(rig.bulk, values);

    // When
    TestingWorker worker =
        rig.worker(rig.settings("a", 64, Map.of("group.protocol", protocol)))
            .holding(value -> value.equals("r7"));

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 39);
    TopicPartition held = new TopicPartition(rig.bulk, worker.taken.get("r7").record().partition());
    TopicPartition finished = new TopicPartition(rig.bulk, 1 - held.partition());
    await().atMost(PATIENCE).until(() -> rig.logStart(finished) == rig.logEnd(finished));
    assertThat(rig.logStart(held)).isLessThanOrEqualTo(worker.taken.get("r7").offset());
  }

  @Test
  void nothingIsPublishedTwiceWhenTheGroupsOffsetsAreDeleted() {
    // Given
    List<String> values = numbered("r", 10);
    rig.publish(rig.bulk, values);
    TestingWorker first = rig.worker("a");
    await().atMost(PATIENCE).until(() -> first.committed.size() == 10);
    first.intake().close();
    rig.deleteGroup();

    // When
    TestingWorker second = rig.worker("b");
    await().atMost(PATIENCE).until(() -> rig.committed().size() == 4);
    rig.publish(rig.bulk, "later");

    // Then
    await().atMost(PATIENCE).until(() -> second.committed.containsKey("later"));
    assertThat(second.taken).containsOnlyKeys("later");
    values = new ArrayList<>(values);
    values.add("later");
    assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
  }

  @Test
  void aWorkerIsNeverReadyBetweenItsStartAndTheRefusalOfItsPartitions() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    rig.publish(rig.interactive, numbered("i", 40));
    rig.commit(new TopicPartition(rig.bulk, 1), new OffsetAndMetadata(0));

    // When
    Intake refusing = rig.worker("a").intake();

    // Then
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .failFast("ready before it refused", () -> refusing.waitingFor().isEmpty())
        .until(() -> refusing.waitingFor().filter(why -> why.contains("operator")).isPresent());
  }

  @Test
  void workersAreReadyThoughOneGetsNoPartition() {
    // When
    List<TestingWorker> workers = Stream.of("a", "b", "c", "d", "e").map(rig::worker).toList();

    // Then
    for (TestingWorker worker : workers) {
      await().atMost(PATIENCE).until(() -> worker.intake().waitingFor().isEmpty());
    }
  }

  @Test
  void unfinishedRecordsWithoutAnOffsetAreLeftAloneUntilAnOperatorDecides() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    TestingWorker first = rig.worker("a").starting(value -> false);
    await().atMost(PATIENCE).until(() -> first.taken.size() == 32);
    first.starting(value -> value.equals("r0")).taken.get("r0").start();
    await().atMost(PATIENCE).until(() -> first.committed.size() == 1);
    first.intake().close();
    TopicPartition partition =
        new TopicPartition(rig.bulk, first.taken.get("r0").record().partition());
    await()
        .atMost(PATIENCE)
        .until(() -> rig.logStart(partition) > 0 || first.taken.get("r0").offset() > 0);
    rig.deleteGroup();
    rig.commit(new TopicPartition(rig.bulk, 1), new OffsetAndMetadata(0));

    // When
    TestingWorker refusing = rig.worker("b");
    await().atMost(PATIENCE).until(() -> refusing.refused.containsKey(damaged));
    int takenWhenRefused =
        (int)
            refusing.taken.values().stream()
                .filter(delivery -> delivery.record().partition() == 0)
                .count();
    String waitingFor = refusing.intake().waitingFor().orElseThrow();
    refusing.intake().close();
    TestingWorker deciding = rig.worker(rig.settings("c", LostOffsets.START_AT_BEGINNING));

    // Then
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                deciding.committed.keySet().stream()
                    .anyMatch(value -> deciding.taken.get(value).record().partition() == 0));
    assertThat(takenWhenRefused).isZero();
    assertThat(waitingFor).contains(damaged.toString(), "intake.lostOffsets");
    assertThat(deciding.refused).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 5000})
  void anOffsetPastTheEndIsRefusedAndNoRecordIsSkippedThoughTheLogGrows(long offset) {
    // Given
    rig.publish(rig.bulk, numbered("r", 20));
    rig.commitBeginnings(2);
    rig.commit(damaged, new OffsetAndMetadata(offset, "utter1:aF3"));

    // When
    TestingWorker first = rig.worker("a");
    await().atMost(PATIENCE).until(() -> first.refused.containsKey(damaged));
    await()
        .atMost(PATIENCE)
        .until(() -> Progress.isRefusal(rig.committed().get(damaged).metadata()));
    rig.publish(rig.bulk, numbered("s", 300));
    await()
        .atMost(PATIENCE)
        .until(() -> !first.taken.isEmpty() && first.committed.size() == first.taken.size());
    first.intake().close();
    TestingWorker second = rig.worker("b");
    await().atMost(PATIENCE).until(() -> second.refused.containsKey(damaged));
    second.intake().close();
    TestingWorker deciding = rig.worker(rig.settings("c", LostOffsets.START_AT_BEGINNING));

    // Then
    await().atMost(PATIENCE).until(() -> rig.lag(rig.bulk, 2) == 0);
    assertThat(first.committed.size() + second.committed.size() + deciding.committed.size())
        .isEqualTo(320);
    assertThat(rig.visible()).hasSize(320).doesNotHaveDuplicates();
  }

  @Test
  void aLaneThatWasMadeAnewIsTakenFromItsBeginning() {
    // Given
    rig.commitBeginnings(2);
    rig.commit(damaged, new OffsetAndMetadata(100, "utter1:aF3"));

    // When
    TestingWorker worker = rig.worker("a");
    await().atMost(PATIENCE).until(() -> rig.committed().get(damaged).offset() == 0);
    rig.publish(rig.bulk, numbered("r", 150));

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 150);
    assertThat(worker.refused).isEmpty();
  }

  @Test
  void recordsThatWereDeletedBeforeTheyWereFinishedAreReported() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    rig.commitBeginnings(2);
    long end = rig.logEnd(damaged);
    rig.deleteRecords(damaged, 5);

    // When
    TestingWorker worker = rig.worker("a");

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 35);
    assertThat(end).isGreaterThan(5);
    assertThat(worker.lost).containsExactly(Map.entry(damaged, 5L));
  }

  @Test
  void aPositionThatLeavesTheLogWhileItIsWorkedOnLosesNoPlaceInTheWindow() {
    // Given
    List<String> values = numbered("r", 60);
    rig.publishTransactionally(rig.bulk, values);
    // Little is fetched ahead, so that positions beyond the window are not in memory.
    TestingWorker worker =
        rig.worker(rig.settings("a", 16, Map.of("max.partition.fetch.bytes", "100")))
            .starting(value -> false);
    await().atMost(PATIENCE).until(() -> worker.taken.size() > 8);
    for (int i = 0; i < 2; i++) {
      TopicPartition partition = new TopicPartition(rig.bulk, i);
      rig.deleteRecords(partition, rig.logEnd(partition) - 10);
    }

    // When
    worker.starting(value -> true);
    List.copyOf(worker.taken.values()).forEach(Delivery::start);

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.containsKey("r59"));
    rig.publish(rig.bulk, numbered("s", 40));
    await().atMost(PATIENCE).until(() -> worker.committed.keySet().containsAll(numbered("s", 40)));
    assertThat(worker.lost).isNotEmpty();
  }

  @Test
  void workersThatStartTogetherOnFreshLanesTakeThemFromTheirBeginning() {
    // Given
    List<String> values = numbered("r", 80);
    rig.publish(rig.bulk, values);

    // When
    List<TestingWorker> workers = List.of(rig.worker("a"), rig.worker("b"), rig.worker("c"));

    // Then
    await()
        .atMost(PATIENCE)
        .until(() -> workers.stream().mapToInt(worker -> worker.committed.size()).sum() == 80);
    assertThat(workers).allSatisfy(worker -> assertThat(worker.refused).isEmpty());
    assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
  }

  @Test
  void aLaneWhoseRecordsMayNotBeDeletedIsReportedOnceAndStillProcessed() {
    // Given
    rig.keepAllRecords(rig.bulk);
    rig.publish(rig.bulk, numbered("r", 20));
    Logger logger = (Logger) LoggerFactory.getLogger(LanePurge.class);
    ListAppender<ILoggingEvent> reports = new ListAppender<>();
    reports.start();
    logger.addAppender(reports);
    AtomicLong shift = new AtomicLong();
    try {

      // When
      TestingWorker worker =
          rig.add(
              new TestingWorker(
                  rig.settings("a", 32, Map.of()),
                  rig.outcomes,
                  () -> System.nanoTime() + shift.get()));
      await().atMost(PATIENCE).until(() -> worker.failedPurges.get() == 1);
      shift.set(Duration.ofSeconds(61).toNanos());
      await().atMost(PATIENCE).until(() -> worker.failedPurges.get() == 2);
      rig.publish(rig.bulk, "last");

      // Then
      await().atMost(PATIENCE).until(() -> worker.committed.size() == 21);
      assertThat(worker.refused).isEmpty();
      assertThat(reports.list)
          .filteredOn(report -> report.getLevel() == Level.WARN)
          .singleElement()
          .satisfies(report -> assertThat(report.getMessage()).contains("are not deleted"));
    } finally {
      logger.detachAppender(reports);
    }
  }

  @Test
  void offsetsOfIdlePartitionsAreCommittedAgainEveryHour() {
    // Given
    IntakeSettings settings = rig.settings("a", 32, Map.of());
    AtomicLong shift = new AtomicLong();
    List<Set<TopicPartition>> commits = new CopyOnWriteArrayList<>();
    rig.add(
        new TestingWorker(
            settings,
            rig.outcomes,
            () -> System.nanoTime() + shift.get(),
            () -> recording(settings, commits)));
    await().atMost(PATIENCE).until(() -> rig.committed().size() == 4 && !commits.isEmpty());
    await().atMost(PATIENCE).until(() -> union(commits).size() == 4);
    commits.clear();

    // When
    shift.set(Duration.ofMinutes(61).toNanos());

    // Then
    await().atMost(PATIENCE).until(() -> union(commits).size() == 4);
  }

  private static Set<TopicPartition> union(List<Set<TopicPartition>> commits) {
    return commits.stream().flatMap(Set::stream).collect(Collectors.toSet());
  }

  @SuppressWarnings("unchecked")
  private static Producer<byte[], byte[]> recording(
      IntakeSettings settings, List<Set<TopicPartition>> commits) {
    Producer<byte[], byte[]> real = new KafkaProducer<>(KafkaProperties.producer(settings));
    return IntakeFaultTest.proxied(
        (method, arguments) -> {
          if (method.getName().equals("sendOffsetsToTransaction")) {
            commits.add(
                Set.copyOf(((Map<TopicPartition, OffsetAndMetadata>) arguments[0]).keySet()));
          }
          return method.invoke(real, arguments);
        });
  }
}
