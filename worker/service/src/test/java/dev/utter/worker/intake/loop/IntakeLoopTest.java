package dev.utter.worker.intake.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.TestingBroker;
import dev.utter.worker.intake.group.GroupConsumer;
import dev.utter.worker.intake.group.IntakeClients;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.intake.offsets.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** The loop, an iteration at a time, with Kafka's consumer and no broker behind it. */
class IntakeLoopTest implements DeliveryHandler, IntakeListener {
  private static final TopicPartition ONE = new TopicPartition("bulk", 0);
  private static final TopicPartition TWO = new TopicPartition("bulk", 1);
  private static final TopicPartition URGENT = new TopicPartition("urgent", 0);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicLong now = new AtomicLong();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final Map<String, Delivery> taken = new ConcurrentHashMap<>();
  private final Map<String, Integer> held = new HashMap<>();
  private final Map<String, Long> lags = new HashMap<>();
  private final Map<String, Long> backlogs = new HashMap<>();
  private final Map<String, Duration> oldest = new HashMap<>();
  private final Map<String, Integer> startsWhenDropped = new ConcurrentHashMap<>();
  private final List<String> visible = new CopyOnWriteArrayList<>();
  private final TestingBroker broker = new TestingBroker(2, "bulk", "urgent");
  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final CommandQueue commands = new CommandQueue(kafka::wakeup);
  private final IntakeState state = new IntakeState();
  private final IntakeSettings settings =
      new IntakeSettings(
          TestingBroker.GROUP,
          "worker",
          Set.of("bulk", "urgent"),
          OptionalInt.of(8),
          4,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          3,
          SECOND,
          LostOffsets.REFUSE,
          Map.of(),
          Map.of(),
          Map.of());
  private final IntakeLoop loop;
  private boolean brokerAway;

  IntakeLoopTest() {
    broker.partitions().forEach(each -> broker.commit(each, new OffsetAndMetadata(0)));
    loop =
        new IntakeLoop(
            settings,
            8,
            this,
            this,
            now::get,
            commands,
            new GroupConsumer(kafka, commands, SECOND),
            new Transactions(this::producer, settings, this, now::get),
            new IntakeClients(broker.admin(), kafka),
            state);
    state.began();
  }

  /** A producer whose transactions are committed to the broker at once, unless it is away. */
  @SuppressWarnings("unchecked")
  private Producer<byte[], byte[]> producer() {
    List<String> open = new ArrayList<>();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    return IntakeFaultTest.proxied(
        (method, arguments) -> {
          if (brokerAway && !method.getName().equals("close")) {
            throw new TimeoutException("the broker is away");
          }
          switch (method.getName()) {
            case "beginTransaction" -> {
              open.clear();
              offsets.clear();
            }
            case "send" -> {
              open.add(((ProducerRecord<byte[], byte[]>) arguments[0]).topic());
              return CompletableFuture.<RecordMetadata>completedFuture(null);
            }
            case "sendOffsetsToTransaction" ->
                offsets.putAll((Map<TopicPartition, OffsetAndMetadata>) arguments[0]);
            case "commitTransaction" -> {
              visible.addAll(open);
              broker.commit(offsets);
              kafka.commitSync(Map.copyOf(offsets));
            }
            default -> {}
          }
          return null;
        });
  }

  @Override
  public void taken(Delivery delivery) {
    events.add("taken " + delivery);
    taken.put(delivery.toString(), delivery);
  }

  @Override
  public void started(Delivery delivery) {
    events.add("started " + delivery);
  }

  @Override
  public void committed(Delivery delivery) {
    events.add("committed " + delivery);
  }

  @Override
  public void dropped(Delivery delivery) {
    events.add("dropped " + delivery);
    startsWhenDropped.put(delivery.toString(), delivery.starts());
  }

  @Override
  public void finished(String lane, String kind) {
    events.add("finished " + lane + " " + kind);
  }

  @Override
  public void deadLetter(String lane) {
    events.add("dead letter " + lane);
  }

  @Override
  public void dropped(int records) {
    events.add("dropped " + records);
  }

  @Override
  public void window(String lane, int count, int capacity) {
    held.put(lane, count);
  }

  @Override
  public void lag(String lane, long offsets) {
    lags.put(lane, offsets);
  }

  @Override
  public void backlog(String lane, long offsets) {
    backlogs.put(lane, offsets);
  }

  @Override
  public void oldestHeld(String lane, Duration age) {
    oldest.put(lane, age);
  }

  private void join(TopicPartition... partitions) {
    if (kafka.subscription().isEmpty()) {
      loop.begin();
    }
    Set<TopicPartition> all = Set.of(partitions);
    kafka.updateBeginningOffsets(
        all.stream().collect(Collectors.toMap(partition -> partition, broker::start)));
    kafka.rebalance(all);
  }

  private void publish(TopicPartition partition, long... offsets) {
    for (long offset : offsets) {
      broker.log(partition, broker.start(partition), offset + 1);
      kafka.addRecord(
          new ConsumerRecord<>(
              partition.topic(),
              partition.partition(),
              offset,
              new byte[0],
              ("v" + offset).getBytes(UTF_8)));
    }
  }

  private Delivery of(TopicPartition partition, long offset) {
    return taken.get(partition + "@" + offset);
  }

  private void turn(int times) {
    for (int i = 0; i < times; i++) {
      loop.iterate();
    }
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private OffsetAndMetadata committedOf(TopicPartition partition) {
    return broker.committed().get(partition);
  }

  private static Outcome outcome() {
    return new Outcome("completed", List.of(new ProducerRecord<>("outcomes", new byte[0])));
  }

  @Test
  void aRecordIsTakenStartedAndCommittedWithItsOutcome() {
    // Given
    join(ONE);
    publish(ONE, 0, 1);

    // When
    turn(1);
    of(ONE, 0).start();
    turn(1);
    OffsetAndMetadata marked = committedOf(ONE);
    of(ONE, 0).finish(outcome());
    turn(1);

    // Then
    assertThat(events)
        .containsExactly(
            "taken bulk-0@0",
            "taken bulk-0@1",
            "started bulk-0@0",
            "finished bulk completed",
            "committed bulk-0@0");
    assertThat(marked).isEqualTo(new OffsetAndMetadata(0, "utter1:a"));
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(1));
    assertThat(visible).containsExactly("outcomes");
    assertThat(held).containsEntry("bulk", 1);
  }

  @Test
  void aDeadLetterIsReportedForItsLane() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    ProducerRecord<byte[], byte[]> letter =
        DeadLetter.of("letters", of(ONE, 0).record(), "FAULT", "why");

    // When
    of(ONE, 0).finish(new Outcome("internal", List.of(letter, letter)));
    turn(1);

    // Then
    assertThat(events)
        .endsWith(
            "finished bulk internal", "dead letter bulk", "dead letter bulk", "committed bulk-0@0");
  }

  @Test
  void isReadyOnceItsFirstPartitionsAreTakenOver() {
    // Given
    loop.begin();
    turn(1);
    String unassigned = state.waitingFor().orElse("");
    broker.open(Set.of(ONE));
    join(ONE);
    turn(1);
    String undecided = state.waitingFor().orElse("");

    // When
    broker.open(Set.of());
    pass(SECOND);
    turn(1);

    // Then
    assertThat(unassigned).isEqualTo("the first assignment");
    assertThat(undecided).isEqualTo("the committed offsets of 1 partitions, the first is bulk-0");
    assertThat(state.waitingFor()).isEmpty();
  }

  @Test
  void aLaterPartitionIsReportedOnlyWhereItTakesLonger() {
    // Given
    join(ONE);
    turn(1);
    broker.open(Set.of(TWO));
    join(ONE, TWO);

    // When
    turn(1);
    String before = state.waitingFor().orElse("");
    pass(SECOND);
    turn(1);

    // Then
    assertThat(before).isEmpty();
    assertThat(state.waitingFor()).get().asString().contains("the first is bulk-1");
  }

  @Test
  void isReadyWithoutPartitionsAfterAWhile() {
    // Given
    join();

    // When
    turn(1);
    pass(Duration.ofSeconds(5).minusNanos(1));
    turn(1);
    String before = state.waitingFor().orElse("");
    pass(Duration.ofNanos(1));
    turn(1);

    // Then
    assertThat(before).isEqualTo("the first assignment");
    assertThat(state.waitingFor()).isEmpty();
  }

  @Test
  void whereWorkBeginsIsCommittedBeforeAnyOfItIsDone() {
    // Given
    broker.log(ONE, 5, 9);
    broker.commit(ONE, new OffsetAndMetadata(2));
    join();
    turn(1);

    // When
    join(ONE);
    turn(1);

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(5));
  }

  @Test
  void aRefusedPartitionIsReportedAndTakesNothing() {
    // Given
    broker.commit(ONE, new OffsetAndMetadata(50));
    broker.log(ONE, 0, 9);
    join(ONE);

    // When
    for (int i = 0; i < 9; i++) {
      turn(1);
      pass(SECOND);
    }

    // Then
    assertThat(state.waitingFor()).get().asString().startsWith("an operator's decision about 1");
    assertThat(kafka.paused()).containsExactly(ONE);
    assertThat(committedOf(ONE).metadata()).startsWith("utter0:");

    // When
    kafka.rebalance(Set.of());
    turn(1);

    // Then
    assertThat(state.waitingFor()).isEmpty();
  }

  @Test
  void aFullLaneIsPausedAndTheOthersAreNot() {
    // Given
    join(ONE, URGENT);
    turn(1);
    publish(ONE, 0, 1, 2, 3, 4);

    // When
    turn(2);

    // Then
    assertThat(kafka.paused()).containsExactly(ONE);
    publish(URGENT, 0);
    turn(1);
    assertThat(events).endsWith("taken urgent-0@0");

    // When: records that wait take no place
    of(ONE, 0).setAside(true);
    turn(1);

    // Then
    assertThat(kafka.paused()).isEmpty();
    of(ONE, 0).setAside(false);
    turn(1);
    assertThat(kafka.paused()).containsExactly(ONE);
  }

  @Test
  void aRecordThatProgressCannotDescribeIsLeftWhereItIs() {
    // Given
    join(ONE);
    turn(1);
    publish(ONE, 0, Progress.MAX_SPAN, Progress.MAX_SPAN + 1);

    // When
    turn(2);

    // Then
    assertThat(events).containsExactly("taken bulk-0@0");
    assertThat(kafka.position(ONE)).isEqualTo(Progress.MAX_SPAN);
    assertThat(kafka.paused()).containsExactly(ONE);
    of(ONE, 0).finish(outcome());
    turn(1);
    assertThat(kafka.paused()).isEmpty();
  }

  @Test
  void aStartThatIsTakenBackDoesNotCount() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);

    // When
    of(ONE, 0).takeStartBack();
    turn(1);

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0));
    of(ONE, 0).start();
    turn(1);
    assertThat(of(ONE, 0).starts()).isEqualTo(1);
    assertThat(events).filteredOn("started bulk-0@0"::equals).hasSize(2);
  }

  @Test
  void anAttemptThatFailedCounts() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);

    // When
    of(ONE, 0).attemptFailed();
    of(ONE, 0).start();
    turn(1);

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0, "utter1:b"));
  }

  @Test
  void aPartitionThatIsRevokedIsHandedOverAsItWasFound() {
    // Given
    join(ONE, TWO);
    publish(ONE, 0, 1, 2);
    publish(TWO, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);
    of(ONE, 1).finish(outcome());

    // When
    kafka.rebalance(Set.of(TWO));
    turn(1);

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0, "utter1:UF"));
    assertThat(visible).hasSize(1);
    assertThat(events)
        .contains("dropped bulk-0@0", "committed bulk-0@1", "dropped bulk-0@2", "dropped 2")
        .doesNotContain("dropped bulk-1@0");
    assertThat(of(ONE, 0).dropped()).isTrue();
    assertThat(startsWhenDropped)
        .as("stopped before its start is taken back")
        .containsEntry("bulk-0@0", 1);
    assertThat(of(ONE, 0).starts()).isZero();
    assertThat(held).containsEntry("bulk", 1);
  }

  @Test
  void aPartitionThatIsLostIsForgottenWithoutACommit() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);
    of(ONE, 0).finish(outcome());

    // When
    kafka.losePartitions(Set.of(ONE));
    turn(1);

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0, "utter1:a"));
    assertThat(visible).isEmpty();
    assertThat(events).endsWith("dropped bulk-0@0", "dropped 1");
  }

  @Test
  void requestsOfADroppedDeliveryAreIgnored() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    Delivery gone = of(ONE, 0);
    kafka.rebalance(Set.of());

    // When
    gone.start();
    gone.finish(outcome());
    turn(1);

    // Then
    assertThat(visible).isEmpty();
    assertThat(gone.starts()).isZero();
  }

  @Test
  void aPartitionWhosePositionIsNotInTheLogIsTakenOverAgain() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    broker.log(ONE, 7, 9);

    // When
    kafka.setPollException(new OffsetOutOfRangeException("gone", Map.of(ONE, 1L)));
    turn(1);
    pass(SECOND);
    turn(1);

    // Then
    assertThat(events).contains("dropped bulk-0@0", "dropped 1");
    assertThat(kafka.position(ONE)).isEqualTo(7);
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(7));
  }

  @Test
  void anIdleOffsetMovesPastTransactionMarkersOnceASecond() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).finish(outcome());
    turn(1);

    // When: a marker follows
    kafka.seek(ONE, 2);
    turn(1);
    OffsetAndMetadata before = committedOf(ONE);
    pass(SECOND);
    turn(1);

    // Then
    assertThat(before).isEqualTo(new OffsetAndMetadata(1));
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(2));
  }

  @Test
  void everyHourAllOffsetsAreCommittedSoThatNoneExpires() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    broker.committed().remove(ONE);

    // When
    pass(Duration.ofHours(1).minusNanos(1));
    turn(1);
    OffsetAndMetadata before = committedOf(ONE);
    pass(SECOND);
    turn(1);

    // Then
    assertThat(before).isNull();
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0));

    // When
    broker.committed().remove(ONE);
    pass(SECOND);
    turn(1);

    // Then
    assertThat(committedOf(ONE)).isNull();
  }

  @Test
  void onceASecondTheLanesAreMeasuredAndTheirFinishedRecordsDeleted() {
    // Given
    join(ONE);
    publish(ONE, 0, 1);
    turn(1);
    of(ONE, 0).finish(outcome());
    turn(1);

    // When
    pass(SECOND);
    turn(1);
    pass(SECOND);
    turn(1);

    // Then
    assertThat(broker.calls()).contains("bulk-0<1", "describeTopics");
    assertThat(lags).containsEntry("bulk", 0L);
  }

  @Test
  void aMissingProducerIsReportedAndAskedForAgain() {
    // Given
    brokerAway = true;

    // When
    join(ONE);

    // Then
    assertThat(state.waitingFor())
        .contains(
            "a transactional producer: org.apache.kafka.common.errors.TimeoutException: the broker"
                + " is away");
    brokerAway = false;
    pass(SECOND);
    turn(1);
    assertThat(state.waitingFor()).isEmpty();
  }

  @Test
  void aStopReleasesWhatHasNotBegunAndFinishesTheRest() {
    // Given
    join(ONE);
    publish(ONE, 0, 1);
    turn(1);
    of(ONE, 0).start();
    turn(1);

    // When
    loop.beginStop();
    publish(ONE, 2);
    pass(Duration.ofSeconds(5));
    turn(1);
    pass(SECOND);
    turn(1);
    assertThat(lags).containsEntry("bulk", 1L);
    boolean running = loop.idle();
    of(ONE, 0).finish(outcome());
    boolean queued = loop.idle();
    turn(1);

    // Then
    assertThat(running).isFalse();
    assertThat(queued).isFalse();
    assertThat(loop.idle()).isTrue();
    assertThat(events)
        .contains("dropped bulk-0@1", "committed bulk-0@0")
        .doesNotContain("taken bulk-0@2");

    // When
    loop.handOver();

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(1));
    assertThat(broker.calls()).contains("bulk-0<1");
    assertThat(held).containsEntry("bulk", 0);
    assertThat(lags).containsEntry("bulk", 0L);
  }

  @Test
  void workThatOutlastsAStopIsHandedOverAsItWasFound() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);
    loop.beginStop();

    // When
    loop.handOver();

    // Then
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0));
    assertThat(events).endsWith("dropped bulk-0@0", "dropped 1");
  }

  @Test
  void theOutcomesOfALostPartitionAreNotPublishedWithThoseOfOthers() {
    // Given
    join(ONE, TWO);
    publish(ONE, 0);
    publish(TWO, 0);
    turn(1);
    brokerAway = true;
    of(ONE, 0).finish(outcome());
    of(TWO, 0).finish(outcome());
    turn(1);

    // When
    kafka.losePartitions(Set.of(ONE));
    brokerAway = false;
    pass(SECOND);
    turn(1);

    // Then
    assertThat(visible).hasSize(1);
    assertThat(events).contains("committed bulk-1@0").doesNotContain("committed bulk-0@0");
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0));
  }

  @Test
  void aRecordThatIsFinishedTwiceHasOneOutcome() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);

    // When
    of(ONE, 0).finish(outcome());
    of(ONE, 0).finish(outcome());
    turn(2);

    // Then
    assertThat(visible).hasSize(1);
    assertThat(events).filteredOn("committed bulk-0@0"::equals).hasSize(1);
  }

  @Test
  void aRecordThatIsFinishedBeforeItsStartIsCommittedIsNotStarted() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);

    // When
    of(ONE, 0).start();
    of(ONE, 0).finish(outcome());
    turn(2);

    // Then
    assertThat(events).contains("committed bulk-0@0").doesNotContain("started bulk-0@0");
  }

  @Test
  void theAgeOfWhatIsHeldAndTheBacklogAreMeasured() {
    // Given
    join(ONE);
    pass(SECOND);
    publish(ONE, 0, 1);
    turn(1);
    of(ONE, 0).finish(outcome());
    turn(1);

    // When
    pass(Duration.ofSeconds(15));
    turn(1);
    pass(SECOND);
    turn(1);

    // Then
    assertThat(oldest).containsEntry("bulk", Duration.ofSeconds(16));
    assertThat(backlogs).containsEntry("bulk", 1L).containsEntry("urgent", 0L);
  }

  @Test
  void aStartThatIsTakenBackDuringAStopReleasesItsRecord() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);
    loop.beginStop();

    // When
    of(ONE, 0).takeStartBack();
    turn(1);

    // Then
    assertThat(events).endsWith("dropped bulk-0@0");
    assertThat(loop.idle()).isTrue();
  }

  @Test
  void aHandOverIsRepeatedForAsLongAsACallToTheBrokerMayTake() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);
    brokerAway = true;
    int[] polls = {0};
    for (int i = 0; i < 10; i++) {
      kafka.schedulePollTask(
          () -> {
            polls[0]++;
            pass(SECOND);
          });
    }

    // When
    loop.handOver();

    // Then: the attempt counts, which is safe
    assertThat(polls[0]).isEqualTo(3);
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0, "utter1:a"));
    assertThat(events).endsWith("dropped bulk-0@0", "dropped 1");
  }

  @Test
  void aBrokenWorkerCommitsNothingWhenItsPartitionsGo() {
    // Given
    join(ONE);
    publish(ONE, 0);
    turn(1);
    of(ONE, 0).start();
    turn(1);
    of(ONE, 0).finish(outcome());

    // When
    loop.abandon();
    List<String> before = List.copyOf(events);
    kafka.rebalance(Set.of());

    // Then
    assertThat(before).endsWith("dropped bulk-0@0");
    assertThat(events).endsWith("dropped 1");
    assertThat(visible).isEmpty();
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0, "utter1:a"));
    assertThat(events).filteredOn("dropped bulk-0@0"::equals).hasSize(1);
  }

  /** The whole intake on its own thread, which has taken and started a record. */
  private Intake running() {
    Intake intake =
        new Intake(
            settings,
            1,
            this,
            this,
            now::get,
            this::producer,
            any -> new IntakeClients(broker.admin(), kafka));
    kafka.updateBeginningOffsets(Map.of(ONE, 0L));
    kafka.schedulePollTask(() -> kafka.rebalance(Set.of(ONE)));
    kafka.schedulePollTask(() -> {});
    kafka.schedulePollTask(() -> publish(ONE, 0));
    intake.start();
    await().atMost(PATIENCE).until(() -> taken.containsKey("bulk-0@0"));
    of(ONE, 0).start();
    await().atMost(PATIENCE).until(() -> events.contains("started bulk-0@0"));
    return intake;
  }

  @Test
  void anIntakeWorksUntilItIsStoppedAndFinishesWhatRuns() {
    // Given
    Intake intake = running();
    assertThat(intake.waitingFor()).isEmpty();
    await().atMost(PATIENCE).until(() -> intake.sinceLastIteration().isPresent());
    assertThat(intake.sinceLastIteration()).contains(Duration.ZERO);

    // When
    intake.stop();
    pass(SECOND.minusNanos(1));
    assertThat(intake.terminated()).isNotDone();
    of(ONE, 0).finish(outcome());

    // Then
    await().atMost(PATIENCE).until(() -> intake.terminated().isDone());
    assertThat(intake.terminated()).isCompleted();
    assertThat(visible).hasSize(1);
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(1));
    assertThat(kafka.closed()).isTrue();
    assertThat(intake.sinceLastIteration()).isEmpty();
  }

  @Test
  void aStopWaitsForWhatRunsNoLongerThanItsGrace() {
    // Given
    Intake intake = running();
    intake.stop();

    // When
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              pass(SECOND);
              return intake.terminated().isDone();
            });

    // Then
    assertThat(events).contains("dropped bulk-0@0");
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0));
  }

  @Test
  void aStopTakesNoLongerThanItsCallerAllows() {
    // Given
    Intake intake = running();

    // When
    intake.close(Duration.ZERO);

    // Then
    assertThat(intake.terminated()).isCompleted();
    assertThat(events).contains("dropped bulk-0@0");
  }

  @Test
  void aBrokenWorkerEndsItsIntakeAndItsAttemptsCount() {
    // Given
    Intake intake = running();

    // When
    intake.fail(new WorkerBrokenException("the engine is broken"));

    // Then
    await().atMost(PATIENCE).until(() -> intake.terminated().isCompletedExceptionally());
    assertThat(events).contains("dropped bulk-0@0");
    assertThat(committedOf(ONE)).isEqualTo(new OffsetAndMetadata(0, "utter1:a"));
    assertThat(kafka.closed()).isTrue();
  }
}
