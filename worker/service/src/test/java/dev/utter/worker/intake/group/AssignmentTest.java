package dev.utter.worker.intake.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.intake.offsets.Takeover;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AssignmentTest implements IntakeListener {
  private static final TopicPartition ONE = new TopicPartition("lane", 1);
  private static final TopicPartition TWO = new TopicPartition("lane", 2);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final AtomicLong now = new AtomicLong();
  private final List<Set<TopicPartition>> asked = new ArrayList<>();
  private final Map<TopicPartition, CompletableFuture<Takeover.Found>> answers = new HashMap<>();
  private final List<String> reports = new ArrayList<>();
  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final CommandQueue commands = new CommandQueue(() -> {});
  private final Assignment assignment =
      new Assignment(
          new GroupConsumer(kafka, commands, Duration.ofSeconds(1)),
          commands,
          this::find,
          new Takeover(LostOffsets.REFUSE, "group"),
          this,
          now::get);

  private Map<TopicPartition, CompletableFuture<Takeover.Found>> find(
      Set<TopicPartition> partitions) {
    asked.add(Set.copyOf(partitions));
    Map<TopicPartition, CompletableFuture<Takeover.Found>> found = new HashMap<>();
    partitions.forEach(
        partition ->
            found.put(partition, answers.getOrDefault(partition, new CompletableFuture<>())));
    return found;
  }

  @Override
  public void lost(TopicPartition partition, long offsets) {
    reports.add("lost " + partition + " " + offsets);
  }

  @Override
  public void refused(TopicPartition partition, String why) {
    reports.add("refused " + partition);
  }

  @BeforeEach
  void assign() {
    kafka.subscribe(Set.of("lane"));
    kafka.rebalance(List.of(ONE, TWO));
    kafka.updateBeginningOffsets(Map.of(ONE, 0L, TWO, 0L));
    assignment.assigned(List.of(ONE, TWO));
  }

  @Test
  void nothingIsFetchedBeforeItIsKnownWhereWorkBegins() {
    // When
    Set<TopicPartition> decided = assignment.takeOver();
    assignment.takeOver();

    // Then
    assertThat(decided).isEmpty();
    assertThat(asked).as("asked once while there is no answer").containsExactly(Set.of(ONE, TWO));
    assertThat(kafka.paused()).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(assignment.partitions()).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(assignment.idle()).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(assignment.works()).isEmpty();
    assertThat(assignment.knownStart(ONE)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void eachPartitionIsTakenOverOnItsOwnOnceItsAnswerIsThere() {
    // Given
    answer(TWO, committed(7, "utter1:a", 0, 9));

    // When
    Set<TopicPartition> decided = assignment.takeOver();

    // Then
    assertThat(decided).containsExactly(TWO);
    assertThat(kafka.position(TWO)).isEqualTo(7);
    assertThat(assignment.idle()).containsExactly(ONE);
    assertThat(assignment.partitions()).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(assignment.work(TWO).orElseThrow().committable(Set.of()))
        .isEqualTo(new OffsetAndMetadata(7, "utter1:a"));
    assertThat(assignment.work(ONE)).isEmpty();
    assertThat(assignment.takeOver()).isEmpty();
    assertThat(reports).isEmpty();
  }

  @Test
  void aRequestThatFailedIsRepeatedAfterAPause() {
    // Given
    answers.put(TWO, CompletableFuture.failedFuture(new TimeoutException("slow")));
    assignment.takeOver();
    answer(TWO, committed(7, "", 0, 9));

    // When
    now.set(PAUSE.toNanos() - 1);
    assignment.takeOver();
    int before = asked.size();
    now.set(PAUSE.toNanos());

    // Then
    assertThat(before).isEqualTo(1);
    assertThat(assignment.takeOver()).containsExactly(TWO);
    assertThat(asked).hasSize(2).last().isEqualTo(Set.of(TWO));
  }

  @Test
  void aPartitionWithAnOpenTransactionIsAskedForAgain() {
    // Given
    answer(TWO, new Takeover.Found(true, Optional.empty(), 3, 9));

    // When
    assignment.takeOver();

    // Then
    assertThat(assignment.knownStart(TWO)).isEqualTo(3);
    assertThat(assignment.idle()).contains(TWO);
    answer(TWO, committed(7, "", 3, 9));
    now.set(PAUSE.toNanos());
    assertThat(assignment.takeOver()).containsExactly(TWO);
    assertThat(assignment.knownStart(TWO)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aPartitionIsRefusedOnlyOnceThatIsConfirmed() {
    // Given
    answer(TWO, committed(50, "", 0, 9));

    // When
    int turns = 0;
    while (assignment.takeOver().isEmpty()) {
      now.addAndGet(PAUSE.toNanos());
      turns++;
    }

    // Then
    assertThat(turns).isEqualTo(7);
    assertThat(reports).containsExactly("refused lane-2");
    assertThat(assignment.refused()).containsOnlyKeys(TWO);
    assertThat(assignment.idle()).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(assignment.committable(Set.of(ONE, TWO), Set.of()))
        .isEqualTo(Map.of(TWO, new OffsetAndMetadata(50, "utter0:past the end of the log, 9")));
  }

  @Test
  void recordsThatWereDeletedAreReported() {
    // Given
    answer(ONE, committed(2, "", 5, 9));
    answer(TWO, committed(5, "", 5, 9));

    // When
    assignment.takeOver();

    // Then
    assertThat(reports).containsExactly("lost lane-1 3");
    assertThat(kafka.position(ONE)).isEqualTo(5);
  }

  @Test
  void knowsWhatIsUndecidedAndSinceWhen() {
    // Given
    answer(TWO, committed(7, "", 0, 9));
    assignment.takeOver();

    // When
    now.set(Duration.ofSeconds(1).toNanos());

    // Then
    assertThat(assignment.undecidedFor(Duration.ZERO)).containsExactly(ONE);
    assertThat(assignment.undecidedFor(Duration.ofSeconds(1))).containsExactly(ONE);
    assertThat(assignment.undecidedFor(Duration.ofSeconds(1).plusNanos(1))).isEmpty();
  }

  @Test
  void aPartitionThatIsRemovedTakesItsDeliveriesWithIt() {
    // Given
    answer(ONE, committed(0, "", 0, 9));
    answer(TWO, committed(50, "", 0, 9));
    for (int i = 0; i < 8; i++) {
      assignment.takeOver();
      now.addAndGet(PAUSE.toNanos());
    }
    Delivery delivery =
        assignment
            .work(ONE)
            .orElseThrow()
            .take(new ConsumerRecord<>("lane", 1, 0, new byte[0], new byte[0]))
            .orElseThrow();

    // Then
    assertThat(assignment.held()).containsExactly(delivery);
    assertThat(assignment.holds(delivery)).isTrue();
    assertThat(assignment.held(Set.of(TWO))).isEmpty();

    // When
    List<Delivery> gone = assignment.remove(List.of(ONE, TWO));

    // Then
    assertThat(gone).containsExactly(delivery);
    assertThat(assignment.holds(delivery)).isFalse();
    assertThat(assignment.partitions()).isEmpty();
    assertThat(assignment.refused()).isEmpty();
    assertThat(assignment.committable(Set.of(ONE, TWO), Set.of())).isEmpty();
  }

  @Test
  void aPartitionThatIsRemovedBeforeItsTakeoverIsForgotten() {
    // Given
    answer(ONE, committed(0, "", 0, 9));

    // When
    assignment.remove(List.of(ONE));

    // Then
    assertThat(assignment.takeOver()).isEmpty();
    assertThat(assignment.partitions()).containsExactly(TWO);
    assertThat(asked).containsExactly(Set.of(TWO));
  }

  @Test
  void remembersWhatIsCommittedOfThePartitionsItStillHas() {
    // Given
    answer(ONE, committed(0, "", 0, 9));
    assignment.takeOver();

    // When
    assignment.committed(Map.of(ONE, new OffsetAndMetadata(4), TWO, new OffsetAndMetadata(5)));

    // Then
    assertThat(assignment.work(ONE).orElseThrow().committed()).hasValue(4);
    assertThat(assignment.works()).hasSize(1);
  }

  private void answer(TopicPartition partition, Takeover.Found found) {
    answers.put(partition, CompletableFuture.completedFuture(found));
  }

  private static Takeover.Found committed(long offset, String metadata, long start, long end) {
    return new Takeover.Found(
        false, Optional.of(new OffsetAndMetadata(offset, metadata)), start, end);
  }
}
