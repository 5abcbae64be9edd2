package dev.utter.worker.intake.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.Command;
import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.TestingAssignment;
import dev.utter.worker.intake.TestingBroker;
import dev.utter.worker.intake.group.GroupConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** When the committer commits, and how it handles refusals of the broker. */
class CommitterPaceTest implements IntakeListener {
  private static final TopicPartition LANE = new TopicPartition("bulk", 0);
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration RETRY = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(1);

  private final TestingBroker broker = new TestingBroker(1, "bulk");
  private final List<String> reports = new ArrayList<>();
  private final List<String> sizes = new ArrayList<>();
  private final TestingAssignment owned;
  private final Committer committer;
  private String failing = "";
  private boolean onlyOutcomes;
  private boolean loses;
  private long next;

  CommitterPaceTest() {
    broker.commit(LANE, new OffsetAndMetadata(0));
    owned = new TestingAssignment(broker).takeOver();
    committer =
        new Committer(
            new Transactions(
                this::producer,
                IntakeSettings.defaults("id", Map.of()),
                IntakeListener.NONE,
                owned.now::get),
            new GroupConsumer(owned.kafka, new CommandQueue(() -> {}), LONG),
            owned.assignment,
            this,
            finish -> {
              reports.add("visible " + finish.delivery());
              owned.assignment.work(LANE).orElseThrow().finished(finish.delivery());
            },
            delivery -> reports.add("started " + delivery),
            INTERVAL,
            owned.now::get);
  }

  @Override
  public void transactionCommitted(int outcomes, Duration took) {
    reports.add("committed " + outcomes + " in " + took.toMillis());
  }

  @Override
  public void marked(int records, Duration took) {
    reports.add("marked " + records + " in " + took.toMillis());
  }

  @Override
  public void transactionFailed(Exception why) {
    reports.add("failed");
  }

  /** Fails at one of its calls, and commits what it is given otherwise. */
  @SuppressWarnings("unchecked")
  private Producer<byte[], byte[]> producer() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    boolean[] sent = {false};
    return IntakeFaultTest.proxied(
        (method, arguments) -> {
          String name = method.getName();
          switch (name) {
            case "beginTransaction" -> {
              offsets.clear();
              sent[0] = false;
            }
            case "send" -> {
              sent[0] = true;
              ProducerRecord<byte[], byte[]> record = (ProducerRecord<byte[], byte[]>) arguments[0];
              sizes.add(record.value() == null ? "none" : "" + record.value().length);
              if (record.value() != null && record.value().length > 10) {
                return CompletableFuture.failedFuture(new RecordTooLargeException("no"));
              }
            }
            case "sendOffsetsToTransaction" ->
                offsets.putAll((Map<TopicPartition, OffsetAndMetadata>) arguments[0]);
            case "commitTransaction" -> owned.now.addAndGet(Duration.ofMillis(7).toNanos());
            default -> {}
          }
          if (name.equals(failing) && (sent[0] || !onlyOutcomes)) {
            throw new TimeoutException("the broker is away");
          }
          if (name.equals("commitTransaction")) {
            if (!loses) {
              owned.kafka.commitSync(Map.copyOf(offsets));
            } else {
              throw new TimeoutException("lost before it took place");
            }
          }
          return name.equals("send") ? CompletableFuture.completedFuture(null) : null;
        });
  }

  private Delivery take() {
    return owned.take(LANE, next++);
  }

  private void finish(Delivery delivery) {
    finish(delivery, new ProducerRecord<>("outcomes", new byte[1]));
  }

  private void finish(Delivery delivery, ProducerRecord<byte[], byte[]> record) {
    delivery.markFinishing();
    committer.publish(new Command.Finish(delivery, new Outcome("completed", List.of(record))));
  }

  private OffsetAndMetadata committed() {
    return owned.kafka.committed(Set.of(LANE)).get(LANE);
  }

  @Test
  void anOutcomeAfterAQuietTimeIsPublishedAtOnceAndThoseSoonAfterItTogether() {
    // Given
    finish(take());
    assertThat(committer.idle(LONG)).isZero();
    committer.commitDue();
    assertThat(committer.idle(LONG)).isEqualTo(LONG);

    // When: 7 ms are over, since the commit took as long
    finish(take());
    assertThat(committer.idle(LONG)).isEqualTo(Duration.ofMillis(13));
    finish(take());
    assertThat(committer.idle(LONG)).isEqualTo(Duration.ofMillis(13));
    assertThat(committer.idle(Duration.ofMillis(5))).isEqualTo(Duration.ofMillis(5));
    owned.pass(Duration.ofMillis(13).minusNanos(1));
    committer.commitDue();
    List<String> before = List.copyOf(reports);
    owned.pass(Duration.ofNanos(1));
    committer.commitDue();

    // Then
    assertThat(before).containsExactly("committed 1 in 7", "visible bulk-0@0");
    assertThat(reports)
        .containsExactly(
            "committed 1 in 7",
            "visible bulk-0@0",
            "committed 2 in 7",
            "visible bulk-0@1",
            "visible bulk-0@2");
    assertThat(committer.isEmpty()).isTrue();
    owned.pass(LONG);
    assertThat(committer.idle(Duration.ofMillis(-1))).as("never negative").isZero();
  }

  @Test
  void aStartIsCommittedAtOnceTogetherWithTheOutcomesThatWait() {
    // Given
    finish(take());
    committer.commitDue();
    finish(take());
    Delivery starting = take();

    // When
    committer.start(starting);
    committer.start(starting);
    assertThat(committer.idle(LONG)).isZero();
    committer.commitDue();

    // Then
    assertThat(starting.starts()).isEqualTo(1);
    assertThat(reports)
        .endsWith("committed 1 in 7", "marked 1 in 7", "visible bulk-0@1", "started bulk-0@2");
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(2, "utter1:a"));
  }

  @Test
  void aRecordThatIsFinishingIsNotStarted() {
    // Given
    Delivery delivery = take();
    delivery.markFinishing();

    // When
    committer.start(delivery);
    committer.commitDue();

    // Then
    assertThat(delivery.starts()).isZero();
    assertThat(reports).isEmpty();
  }

  @Test
  void aStartThatIsTakenBackBeforeItIsCommittedNeedsNoCommit() {
    // Given
    Delivery delivery = take();
    committer.start(delivery);

    // When
    committer.takeBack(delivery);

    // Then
    assertThat(delivery.starts()).isZero();
    assertThat(committer.idle(LONG)).isEqualTo(LONG);
    committer.takeBack(delivery);
    assertThat(committer.idle(LONG)).as("nothing was under way").isEqualTo(LONG);
  }

  @Test
  void aStartThatIsTakenBackAfterItsCommitIsLoweredOnce() {
    // Given
    Delivery delivery = take();
    committer.start(delivery);
    committer.commitDue();

    // When
    committer.takeBack(delivery);
    assertThat(committer.idle(LONG)).isZero();
    committer.commitDue();

    // Then
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(0, ""));
    assertThat(committer.idle(LONG)).isEqualTo(LONG);
    assertThat(reports).containsExactly("marked 1 in 7", "started bulk-0@0");
  }

  @Test
  void aCommitThatFailsIsRepeatedAfterAPause() {
    // Given
    failing = "beginTransaction";
    finish(take());
    committer.start(take());
    committer.commitDue();

    // When
    failing = "";
    assertThat(committer.idle(LONG)).isEqualTo(RETRY);
    owned.pass(RETRY.minusNanos(1));
    committer.commitDue();
    List<String> before = List.copyOf(reports);
    owned.pass(Duration.ofNanos(1));
    committer.commitDue();

    // Then
    assertThat(before).containsExactly("failed");
    assertThat(reports).contains("visible bulk-0@0", "started bulk-0@1");
    assertThat(committer.isEmpty()).isTrue();
  }

  @Test
  void outcomesThatTheBrokerRejectsDoNotKeepWorkFromBeginning() {
    // Given
    onlyOutcomes = true;
    failing = "send";
    finish(take());
    committer.commitDue();

    // When
    committer.start(take());
    owned.pass(RETRY);
    committer.commitDue();

    // Then
    assertThat(reports).contains("started bulk-0@1").doesNotContain("visible bulk-0@0");
    assertThat(committer.isEmpty()).isFalse();
    failing = "";
    owned.pass(RETRY);
    committer.start(take());
    committer.commitDue();
    assertThat(reports).contains("visible bulk-0@0", "started bulk-0@2");
  }

  @Test
  void aDeadLetterThatIsTooLargeGoesWithoutItsValue() {
    // Given
    Delivery delivery = take();
    ProducerRecord<byte[], byte[]> letter =
        DeadLetter.of("letters", delivery.record(), "FAULT", "why");
    finish(
        delivery,
        new ProducerRecord<>("letters", null, letter.key(), new byte[11], letter.headers()));

    // When
    committer.commitDue();
    owned.pass(RETRY);
    committer.commitDue();

    // Then
    assertThat(sizes).containsExactly("11", "none");
    assertThat(reports).endsWith("committed 1 in 7", "visible bulk-0@0");
  }

  @Test
  void aCommitThatDidNotTakePlaceIsRepeatedOnceThatIsKnown() {
    // Given
    loses = true;
    finish(take());
    committer.start(take());
    committer.commitDue();
    assertThat(committer.isEmpty()).isFalse();
    assertThat(reports).containsExactly("failed");

    // When
    loses = false;
    owned.pass(RETRY);
    committer.commitDue();

    // Then
    assertThat(reports).contains("visible bulk-0@0", "started bulk-0@1");
    assertThat(committer.isEmpty()).isTrue();
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(1, "utter1:a"));
  }

  @Test
  void whatIsDroppedWhileItsCommitIsInDoubtIsStartedNoMore() {
    // Given
    loses = true;
    Delivery delivery = take();
    committer.start(delivery);
    committer.commitDue();

    // When
    committer.forget(delivery);
    loses = false;
    owned.pass(RETRY);
    committer.commitDue();

    // Then
    assertThat(reports).doesNotContain("started bulk-0@0");
  }

  @Test
  void theOutcomesAndStartsOfAForgottenPartitionAreDropped() {
    // Given
    finish(take());
    Delivery starting = take();
    committer.start(starting);
    Delivery other = take();
    committer.start(other);

    // When
    committer.forget(Set.of(LANE));

    // Then
    assertThat(committer.isEmpty()).isTrue();
    assertThat(committer.idle(LONG)).isEqualTo(LONG);
  }

  @Test
  void aForgottenPartitionAffectsNoOther() {
    // Given
    finish(take());
    committer.start(take());

    // When
    committer.forget(Set.of(new TopicPartition("other", 0)));
    committer.commitDue();

    // Then
    assertThat(reports).contains("visible bulk-0@0", "started bulk-0@1");
  }

  @Test
  void aCommitInDoubtIsSettledOnceItsPartitionsAreForgotten() {
    // Given
    loses = true;
    finish(take());
    committer.commitDue();

    // When
    committer.forget(Set.of(LANE));
    assertThat(committer.isEmpty()).isFalse();
    committer.commitDue();

    // Then
    assertThat(committer.isEmpty()).isTrue();
    assertThat(reports).containsExactly("failed");
  }

  @Test
  void nothingIsCommittedWhileACommitIsInDoubt() {
    // Given
    loses = true;
    finish(take());
    committer.commitDue();

    // When
    loses = false;
    failing = "initTransactions";
    finish(take());
    owned.pass(RETRY);
    committer.commitDue();
    boolean progress = committer.commitProgress(Set.of(LANE));

    // Then
    assertThat(reports).containsExactly("failed");
    assertThat(progress).isFalse();
    assertThat(committer.settled()).isFalse();
  }

  @Test
  void progressIsCommittedWithoutTheOutcomesThatWait() {
    // Given
    finish(take());

    // When
    boolean progress = committer.commitProgress(Set.of(LANE));
    List<String> before = List.copyOf(reports);
    boolean all = committer.commit(Set.of(LANE));

    // Then
    assertThat(progress).isTrue();
    assertThat(before).isEmpty();
    assertThat(all).isTrue();
    assertThat(reports).containsExactly("committed 1 in 7", "visible bulk-0@0");
    assertThat(committer.commit(Set.of(new TopicPartition("other", 0)))).isTrue();
    failing = "beginTransaction";
    assertThat(committer.commitProgress(Set.of(LANE))).isFalse();
  }
}
