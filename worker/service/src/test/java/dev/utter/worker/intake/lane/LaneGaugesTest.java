package dev.utter.worker.intake.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.TestingAssignment;
import dev.utter.worker.intake.TestingBroker;
import dev.utter.worker.intake.offsets.LaneOffsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneGaugesTest implements IntakeListener {
  private static final TopicPartition ONE = new TopicPartition("bulk", 0);
  private static final TopicPartition TWO = new TopicPartition("bulk", 1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final TestingBroker broker = new TestingBroker(2, "bulk", "normal");
  private final Map<String, Long> lags = new HashMap<>();
  private final Map<String, Duration> ages = new HashMap<>();
  private final Map<String, Integer> refused = new HashMap<>();
  private final Map<String, Integer> stalled = new HashMap<>();
  private TestingAssignment owned;
  private LaneGauges gauges;

  @Override
  public void lag(String lane, long offsets) {
    lags.put(lane, offsets);
  }

  @Override
  public void oldestHeld(String lane, Duration age) {
    ages.put(lane, age);
  }

  @Override
  public void refusedPartitions(String lane, int partitions) {
    refused.put(lane, partitions);
  }

  @Override
  public void stalledPartitions(String lane, int partitions) {
    stalled.put(lane, partitions);
  }

  @BeforeEach
  void begin() {
    broker.partitions().forEach(each -> broker.commit(each, new OffsetAndMetadata(0)));
    broker.log(ONE, 0, 20);
  }

  private void own() {
    owned = new TestingAssignment(broker);
    LaneOffsets offsets = new LaneOffsets(broker.admin(), TestingBroker.GROUP);
    gauges = new LaneGauges(Set.of("bulk", "normal"), offsets::ends, this, owned.now::get);
  }

  /** Asks, and measures with the answer. */
  private void measure() {
    gauges.measure(owned.assignment);
    gauges.measure(owned.assignment);
  }

  @Test
  void theLagIsWhatTheLogHoldsPastWhatWasTaken() {
    // Given
    own();
    owned.takeOver();
    owned.take(ONE, 0);
    owned.take(ONE, 1);

    // When
    measure();

    // Then
    assertThat(lags).isEqualTo(Map.of("bulk", 18L, "normal", 0L));
    assertThat(refused).isEqualTo(Map.of("bulk", 0, "normal", 0));
    assertThat(stalled).isEqualTo(Map.of("bulk", 0, "normal", 0));
  }

  @Test
  void theEndsAreAskedForEveryFiveSecondsAndOldOnesAreUsedWhileThereIsNoAnswer() {
    // Given
    own();
    owned.takeOver();
    measure();
    broker.log(ONE, 0, 30);

    // When
    owned.pass(Duration.ofSeconds(5).minusNanos(1));
    measure();
    long before = lags.get("bulk");
    owned.pass(Duration.ofNanos(1));
    measure();
    long after = lags.get("bulk");
    broker.fail("listOffsets", new TimeoutException("slow"));
    owned.pass(Duration.ofSeconds(5));
    measure();

    // Then
    assertThat(before).isEqualTo(20);
    assertThat(after).isEqualTo(30);
    assertThat(lags).containsEntry("bulk", 30L);
  }

  @Test
  void aPartitionWithoutATakeoverLagsFromTheStartOfItsLog() {
    // Given: one is past its end, and of the other the log's start alone is known
    broker.log(ONE, 4, 20);
    broker.commit(ONE, new OffsetAndMetadata(50));
    broker.log(TWO, 5, 12);
    broker.open(Set.of(TWO));
    own();

    // When
    owned.assignment.takeOver();
    measure();
    long asked = lags.get("bulk");
    owned.takeOver();
    measure();

    // Then
    assertThat(asked).isEqualTo(16 + 7);
    assertThat(lags).containsEntry("bulk", 16L + 7);
    assertThat(refused).isEqualTo(Map.of("bulk", 1, "normal", 0));
  }

  @Test
  void aPartitionOfWhichNothingIsKnownHasNoLag() {
    // Given
    own();

    // When
    measure();

    // Then
    assertThat(lags).containsEntry("bulk", 0L);
  }

  @Test
  void theOldestRecordOfALaneIsItsAge() {
    // Given
    own();
    owned.takeOver();
    owned.take(ONE, 0);
    owned.pass(SECOND);
    owned.take(TWO, 0);
    owned.pass(SECOND);

    // When
    measure();

    // Then
    assertThat(ages).isEqualTo(Map.of("bulk", SECOND.multipliedBy(2), "normal", Duration.ZERO));
  }

  @Test
  void aPartitionStallsWhoseFirstUnfinishedRecordStaysForTenMinutes() {
    // Given
    own();
    owned.takeOver();
    Delivery first = owned.take(ONE, 0);
    Delivery second = owned.take(ONE, 1);
    measure();

    // When
    owned.pass(Duration.ofMinutes(10).minusNanos(1));
    measure();
    int before = stalled.get("bulk");
    owned.pass(Duration.ofNanos(1));
    measure();
    int after = stalled.get("bulk");
    owned.finish(first);
    measure();
    int moved = stalled.get("bulk");

    // Then
    assertThat(List.of(before, after, moved)).containsExactly(0, 1, 0);

    // When: idle, and then busy again at the same time
    owned.pass(Duration.ofMinutes(10));
    owned.finish(second);
    measure();
    owned.take(ONE, 2);
    measure();

    // Then
    assertThat(stalled).containsEntry("bulk", 0);
  }

  @Test
  void aPartitionThatComesBackHasNotStalledMeanwhile() {
    // Given
    own();
    owned.takeOver();
    owned.take(ONE, 0);
    measure();
    owned.assignment.remove(List.of(ONE));
    measure();

    // When
    owned.pass(Duration.ofMinutes(11));
    owned.assignment.assigned(List.of(ONE));
    owned.takeOver();
    owned.take(ONE, 0);
    measure();

    // Then
    assertThat(stalled).containsEntry("bulk", 0);
  }

  @Test
  void withoutPartitionsNothingIsAsked() {
    // Given
    own();
    owned.assignment.remove(broker.partitions());
    broker.calls().clear();

    // When
    measure();

    // Then
    assertThat(broker.calls()).isEmpty();
    assertThat(lags).isEqualTo(Map.of("bulk", 0L, "normal", 0L));
  }
}
