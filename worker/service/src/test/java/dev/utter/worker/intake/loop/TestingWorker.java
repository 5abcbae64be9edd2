package dev.utter.worker.intake.loop;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.group.KafkaProperties;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A real intake whose work is to echo: each record is started at once and finished with its value
 * as outcome. Records the test holds back wait for {@link #finish} or {@link #letGo}.
 */
final class TestingWorker implements DeliveryHandler, IntakeListener {
  final Map<String, Delivery> taken = new ConcurrentHashMap<>();
  final Map<String, Integer> startsWhenTaken = new ConcurrentHashMap<>();
  final Map<String, Delivery> started = new ConcurrentHashMap<>();
  final Map<String, Integer> committed = new ConcurrentHashMap<>();
  final Map<String, Delivery> dropped = new ConcurrentHashMap<>();
  final Map<TopicPartition, String> refused = new ConcurrentHashMap<>();
  final Map<TopicPartition, Long> lost = new ConcurrentHashMap<>();
  final Map<String, Long> lag = new ConcurrentHashMap<>();
  final Map<String, Long> backlog = new ConcurrentHashMap<>();
  final Map<String, Integer> unattended = new ConcurrentHashMap<>();
  final Map<String, Duration> oldest = new ConcurrentHashMap<>();
  final Map<String, Integer> refusedPartitions = new ConcurrentHashMap<>();
  final Map<String, Integer> stalled = new ConcurrentHashMap<>();
  final Map<String, Integer> mostHeld = new ConcurrentHashMap<>();
  final List<Integer> marks = new CopyOnWriteArrayList<>();
  final List<Integer> transactions = new CopyOnWriteArrayList<>();
  final List<String> namesTaken = new CopyOnWriteArrayList<>();
  final List<String> deadLetters = new CopyOnWriteArrayList<>();
  final AtomicInteger failedPurges = new AtomicInteger();
  final AtomicInteger failedTransactions = new AtomicInteger();
  private final ExecutorService work = Executors.newSingleThreadExecutor();
  private final CountDownLatch frozen = new CountDownLatch(1);
  private final String outcomes;
  private final Intake intake;
  private volatile Predicate<String> startable = value -> true;
  private volatile Predicate<String> held = value -> false;
  private volatile String freezing = "";

  TestingWorker(IntakeSettings settings, String outcomes) {
    this(settings, outcomes, System::nanoTime);
  }

  TestingWorker(IntakeSettings settings, String outcomes, LongSupplier nanos) {
    this(settings, outcomes, nanos, () -> new KafkaProducer<>(KafkaProperties.producer(settings)));
  }

  TestingWorker(
      IntakeSettings settings,
      String outcomes,
      LongSupplier nanos,
      Supplier<Producer<byte[], byte[]>> producers) {
    this.outcomes = outcomes;
    this.intake = new Intake(settings, 1, this, this, nanos, producers);
  }

  Intake intake() {
    return intake;
  }

  /** Starts only these. */
  TestingWorker starting(Predicate<String> values) {
    startable = values;
    return this;
  }

  /** Finishes all but these by itself. */
  TestingWorker holding(Predicate<String> values) {
    held = values;
    return this;
  }

  /** Blocks the intake's own thread when it has started this value, until {@link #thaw}. */
  TestingWorker freezingAt(String value) {
    freezing = value;
    return this;
  }

  void thaw() {
    frozen.countDown();
  }

  /** Ends as a crash does: nothing more is committed. */
  void crash() {
    intake.fail(new WorkerBrokenException("crash"));
    intake.terminated().handle((nothing, failure) -> failure).join();
  }

  void letGo() {
    thaw();
    held = value -> false;
    started.values().forEach(delivery -> finish(value(delivery)));
    work.shutdown();
  }

  void finish(String value) {
    Delivery delivery = taken.get(value);
    delivery.finish(
        new Outcome(
            "echoed",
            List.of(
                new ProducerRecord<>(
                    outcomes, delivery.record().key(), delivery.record().value()))));
  }

  @Override
  public void taken(Delivery delivery) {
    String value = value(delivery);
    taken.put(value, delivery);
    startsWhenTaken.put(value, delivery.starts());
    if (startable.test(value)) {
      delivery.start();
    }
  }

  @Override
  public void started(Delivery delivery) {
    String value = value(delivery);
    started.put(value, delivery);
    if (value.equals(freezing)) {
      awaitThaw();
    }
    if (!held.test(value) && !work.isShutdown()) {
      work.execute(() -> finish(value));
    }
  }

  private void awaitThaw() {
    try {
      frozen.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void committed(Delivery delivery) {
    committed.merge(value(delivery), 1, Integer::sum);
  }

  @Override
  public void dropped(Delivery delivery) {
    dropped.put(value(delivery), delivery);
  }

  @Override
  public void refused(TopicPartition partition, String why) {
    refused.put(partition, why);
  }

  @Override
  public void lost(TopicPartition partition, long offsets) {
    lost.merge(partition, offsets, Long::sum);
  }

  @Override
  public void deadLetter(String lane) {
    deadLetters.add(lane);
  }

  @Override
  public void purgeFailed() {
    failedPurges.incrementAndGet();
  }

  @Override
  public void backlog(String lane, long offsets) {
    backlog.put(lane, offsets);
  }

  @Override
  public void unattendedPartitions(String lane, int partitions) {
    unattended.put(lane, partitions);
  }

  @Override
  public void lag(String lane, long offsets) {
    lag.put(lane, offsets);
  }

  @Override
  public void oldestHeld(String lane, Duration age) {
    oldest.put(lane, age);
  }

  @Override
  public void refusedPartitions(String lane, int partitions) {
    refusedPartitions.put(lane, partitions);
  }

  @Override
  public void stalledPartitions(String lane, int partitions) {
    stalled.put(lane, partitions);
  }

  @Override
  public void nameTaken(String transactionalId) {
    namesTaken.add(transactionalId);
  }

  @Override
  public void window(String lane, int nowHeld, int capacity) {
    mostHeld.merge(lane, nowHeld, Math::max);
  }

  @Override
  public void marked(int records, Duration took) {
    marks.add(records);
  }

  @Override
  public void transactionCommitted(int outcomesInIt, Duration took) {
    transactions.add(outcomesInIt);
  }

  @Override
  public void transactionFailed(Exception why) {
    failedTransactions.incrementAndGet();
  }

  private static String value(Delivery delivery) {
    return new String(delivery.record().value(), UTF_8);
  }
}
