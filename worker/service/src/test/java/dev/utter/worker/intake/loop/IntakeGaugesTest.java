package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.bytes;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.group.GroupProtocol;
import dev.utter.worker.intake.group.KafkaProperties;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the intake reports of its lanes, against what is there. */
@Tag("integration")
class IntakeGaugesTest {
  private IntakeRig rig;

  @BeforeEach
  void openRig() {
    rig = new IntakeRig(SharedStack.get(), 2);
  }

  @AfterEach
  void closeRig() {
    rig.close();
  }

  @Test
  void theLagGrowsWhileTheLaneIsPausedAndEndsAtZero() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    TestingWorker worker = rig.worker(rig.settings("a", 8, Map.of())).starting(value -> false);
    await().atMost(PATIENCE).until(() -> lag(worker, rig.bulk) == 40 - worker.taken.size());

    // When
    rig.publish(rig.bulk, numbered("s", 60));

    // Then
    await().atMost(PATIENCE).until(() -> lag(worker, rig.bulk) == 100 - worker.taken.size());
    assertThat(worker.taken).hasSizeLessThanOrEqualTo(8);
    worker.starting(value -> true).taken.values().forEach(Delivery::start);
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 100);
    await().atMost(PATIENCE).until(() -> lag(worker, rig.bulk) == 0);
  }

  @Test
  void theLagShowsWhatWaitsBehindAnOpenTransaction() {
    // Given
    TestingWorker worker = rig.worker("a");
    Map<String, Object> transactional = Map.of("transactional.id", "open-" + rig.group);
    try (KafkaProducer<byte[], byte[]> producer = rig.producer(transactional)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(rig.bulk, 0, bytes("k"), bytes("open")));
      producer.flush();

      // When
      for (String value : numbered("r", 6)) {
        try (KafkaProducer<byte[], byte[]> other = rig.producer(Map.of())) {
          other.send(new ProducerRecord<>(rig.bulk, 0, bytes("k"), bytes(value)));
        }
      }

      // Then
      await().atMost(PATIENCE).until(() -> lag(worker, rig.bulk) == 7);
      producer.abortTransaction();
    }
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 6);
    await().atMost(PATIENCE).until(() -> lag(worker, rig.bulk) == 0);
  }

  @Test
  void countsWhatIsRefusedAndNothingOnceThePartitionsAreGone() {
    // Given
    rig.publish(rig.bulk, numbered("r", 40));
    rig.commitBeginnings(2);
    TopicPartition refused = new TopicPartition(rig.bulk, 0);
    rig.commit(refused, new OffsetAndMetadata(500));

    // When
    TestingWorker worker = rig.worker("a");

    // Then
    await().atMost(PATIENCE).until(() -> worker.refusedPartitions.getOrDefault(rig.bulk, 0) == 1);
    await().atMost(PATIENCE).until(() -> lag(worker, rig.bulk) == rig.logEnd(refused));
    worker.intake().stop();
    await().atMost(PATIENCE).until(() -> worker.intake().terminated().isDone());
    assertThat(worker.lag.values()).containsOnly(0L);
    assertThat(worker.refusedPartitions.values()).containsOnly(0);
  }

  @Test
  void reportsTheOldestRecordHeldAndPartitionsThatDoNotMove() {
    // Given
    AtomicLong shift = new AtomicLong();
    rig.publish(rig.bulk, "stuck");
    TestingWorker worker =
        rig.add(
            new TestingWorker(
                    rig.settings("a", 32, Map.of()),
                    rig.outcomes,
                    () -> System.nanoTime() + shift.get())
                .holding(value -> true));
    await().atMost(PATIENCE).until(() -> worker.started.containsKey("stuck"));
    await()
        .atMost(PATIENCE)
        .until(() -> !worker.oldest.getOrDefault(rig.bulk, Duration.ZERO).isZero());

    // When
    shift.set(Duration.ofMinutes(11).toNanos());

    // Then
    await().atMost(PATIENCE).until(() -> worker.stalled.get(rig.bulk) == 1);
    assertThat(worker.oldest.get(rig.bulk)).isGreaterThan(Duration.ofMinutes(10));
    assertThat(worker.oldest.get(rig.interactive)).isZero();
    worker.letGo();
    await().atMost(PATIENCE).until(() -> worker.stalled.get(rig.bulk) == 0);
    await().atMost(PATIENCE).until(() -> worker.oldest.get(rig.bulk).isZero());
  }

  /** As after a broker that has lost its members. */
  @Test
  void reportsPartitionsWithoutAWorker() throws Exception {
    // Given
    AtomicLong shift = new AtomicLong();
    rig.commitBeginnings(2);
    TestingWorker worker =
        rig.add(
            new TestingWorker(
                rig.settings("a", 32, Map.of()),
                rig.outcomes,
                () -> System.nanoTime() + shift.get()));
    try (KafkaConsumer<byte[], byte[]> idle =
        new KafkaConsumer<>(
            KafkaProperties.consumer(rig.settings("b", 32, Map.of()), GroupProtocol.CLASSIC))) {
      idle.subscribe(List.of(rig.bulk, rig.interactive));
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                idle.poll(Duration.ofMillis(100));
                return !idle.assignment().isEmpty();
              });
      idle.pause(idle.assignment());
      rig.publish(rig.bulk, numbered("r", 40));

      // When
      Supplier<Boolean> looksAgain =
          () -> {
            idle.poll(Duration.ofMillis(100));
            shift.addAndGet(Duration.ofMinutes(1).toNanos());
            Set<TopicPartition> idles = bulk(idle);
            long left = idles.stream().mapToLong(rig::logEnd).sum();
            return left > 0
                && worker.unattended.getOrDefault(rig.bulk, 0) == idles.size()
                && worker.backlog.get(rig.bulk) == left;
          };

      // Then
      await().atMost(PATIENCE).until(looksAgain::get);
      assertThat(worker.lag).containsEntry(rig.bulk, 0L);
    }
  }

  private Set<TopicPartition> bulk(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.assignment().stream()
        .filter(partition -> partition.topic().equals(rig.bulk))
        .collect(Collectors.toSet());
  }

  private static long lag(TestingWorker worker, String lane) {
    return worker.lag.getOrDefault(lane, -1L);
  }
}
