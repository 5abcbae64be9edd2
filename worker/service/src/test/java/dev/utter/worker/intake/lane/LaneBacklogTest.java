package dev.utter.worker.intake.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.offsets.LaneOffsets.Standing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class LaneBacklogTest implements IntakeListener {
  private static final TopicPartition ONE = new TopicPartition("bulk", 0);
  private static final TopicPartition TWO = new TopicPartition("bulk", 1);

  private static final long INTERVAL = Duration.ofSeconds(15).toNanos();

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger asked = new AtomicInteger();
  private final Map<String, Long> backlogs = new HashMap<>();
  private final Map<String, Integer> unattended = new HashMap<>();
  private CompletableFuture<Map<TopicPartition, Standing>> answer = new CompletableFuture<>();
  private final LaneBacklog backlog =
      new LaneBacklog(
          Set.of("bulk", "normal"),
          () -> {
            asked.incrementAndGet();
            return answer;
          },
          this,
          now::get);

  @Override
  public void backlog(String lane, long offsets) {
    backlogs.put(lane, offsets);
  }

  @Override
  public void unattendedPartitions(String lane, int partitions) {
    unattended.put(lane, partitions);
  }

  @Test
  void asksEveryFifteenSecondsUnlessItWaitsForAnAnswer() {
    // When
    backlog.refresh();
    now.set(Duration.ofMinutes(1).toNanos());
    backlog.refresh();
    int waiting = asked.get();
    answer.complete(Map.of());
    backlog.refresh();
    int answered = asked.get();
    now.addAndGet(Duration.ofSeconds(15).toNanos() - 1);
    backlog.refresh();
    int before = asked.get();
    now.incrementAndGet();
    backlog.refresh();

    // Then
    assertThat(waiting).isEqualTo(1);
    assertThat(answered).isEqualTo(2);
    assertThat(before).isEqualTo(2);
    assertThat(asked).hasValue(3);
  }

  @Test
  void addsUpWhatIsNotFinishedOfEachLane() {
    // When
    see(Map.of(ONE, standing(2, 9), TWO, standing(0, 5)));

    // Then
    assertThat(backlogs).isEqualTo(Map.of("bulk", 12L, "normal", 0L));
    assertThat(unattended).isEqualTo(Map.of("bulk", 0, "normal", 0));
  }

  @Test
  void aQuestionThatFailedIsAskedAgain() {
    // Given
    answer = CompletableFuture.failedFuture(new TimeoutException("slow"));
    backlog.refresh();
    backlog.refresh();

    // When
    see(Map.of(ONE, standing(2, 9)));

    // Then
    assertThat(backlogs).containsEntry("bulk", 7L);
  }

  @Test
  void aPartitionWithoutACommitForTenMinutesHasNoWorker() {
    // Given
    see(Map.of(ONE, standing(2, 9), TWO, standing(5, 5)));

    // When: the first stands still, the second has nothing to do
    now.addAndGet(Duration.ofMinutes(10).toNanos() - INTERVAL - 1);
    see(Map.of(ONE, standing(2, 12), TWO, standing(5, 5)));
    int before = unattended.get("bulk");
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    see(Map.of(ONE, standing(2, 12), TWO, standing(5, 8)));

    // Then
    assertThat(before).isZero();
    assertThat(unattended).isEqualTo(Map.of("bulk", 1, "normal", 0));

    // When
    see(Map.of(ONE, standing(3, 12), TWO, standing(5, 8)));

    // Then
    assertThat(unattended).containsEntry("bulk", 0);
  }

  @Test
  void aPartitionThatComesBackCountsAsNew() {
    // Given
    see(Map.of(ONE, standing(2, 9)));
    see(Map.of());

    // When
    now.addAndGet(Duration.ofMinutes(11).toNanos());
    see(Map.of(ONE, standing(2, 9)));

    // Then
    assertThat(unattended).containsEntry("bulk", 0);
  }

  /** Asks, and reports the answer. */
  private void see(Map<TopicPartition, Standing> found) {
    answer = CompletableFuture.completedFuture(found);
    now.addAndGet(INTERVAL);
    backlog.refresh();
    backlog.refresh();
  }

  private static Standing standing(long committed, long end) {
    return new Standing(0, end, Optional.of(new OffsetAndMetadata(committed)));
  }
}
