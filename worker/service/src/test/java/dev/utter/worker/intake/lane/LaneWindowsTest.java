package dev.utter.worker.intake.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.Topics;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.TestingAssignment;
import dev.utter.worker.intake.TestingBroker;
import dev.utter.worker.intake.offsets.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LaneWindowsTest implements IntakeListener {
  private static final TopicPartition BULK = new TopicPartition(Topics.WORK_BULK, 0);
  private static final TopicPartition NORMAL = new TopicPartition(Topics.WORK_NORMAL, 0);

  /** As many as one poll may bring. */
  private static final int POLL = 8;

  private final List<String> reports = new ArrayList<>();
  private final TestingBroker broker = new TestingBroker(1, Topics.lanes().toArray(String[]::new));
  private final TestingAssignment owned;
  private final LaneWindows windows;
  private long next;

  LaneWindowsTest() {
    broker.partitions().forEach(each -> broker.commit(each, new OffsetAndMetadata(0)));
    owned = new TestingAssignment(broker).takeOver();
    windows = new LaneWindows(IntakeSettings.defaults("id", Map.of()), 2 * POLL, this);
  }

  @Override
  public void window(String lane, int held, int capacity) {
    reports.add(lane + " " + held + "/" + capacity);
  }

  private List<Delivery> take(TopicPartition partition, int count) {
    List<Delivery> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Delivery delivery = owned.take(partition, next++);
      windows.taken(delivery);
      taken.add(delivery);
    }
    return taken;
  }

  private Set<TopicPartition> closed() {
    return windows.closed(owned.assignment);
  }

  @Test
  void aLaneClosesOnceOneMorePollCouldOverfillItAndTheOthersStayOpen() {
    // When
    List<Delivery> taken = take(BULK, POLL);
    Set<TopicPartition> before = closed();
    taken.addAll(take(BULK, 1));

    // Then
    assertThat(before).isEmpty();
    assertThat(closed()).containsExactly(BULK);

    // When
    windows.released(taken.get(0));

    // Then
    assertThat(closed()).isEmpty();
  }

  @Test
  void whatIsHeldIsReported() {
    // Given
    assertThat(reports)
        .containsExactlyInAnyOrder(
            Topics.WORK_BULK + " 0/16",
            Topics.WORK_NORMAL + " 0/16",
            Topics.WORK_INTERACTIVE + " 0/16");
    reports.clear();

    // When
    Delivery delivery = take(NORMAL, 1).get(0);
    windows.released(delivery);

    // Then
    assertThat(reports).containsExactly(Topics.WORK_NORMAL + " 1/16", Topics.WORK_NORMAL + " 0/16");
  }

  @Test
  void recordsThatWaitTakeNoPlaceUpToOneMoreWindow() {
    // Given
    List<Delivery> taken = take(BULK, POLL + 1);
    taken.forEach(delivery -> windows.setAside(delivery, true));
    assertThat(closed()).isEmpty();

    // When: as many as a window wait, and then one more
    List<Delivery> more = take(BULK, 2 * POLL - taken.size());
    more.forEach(delivery -> windows.setAside(delivery, true));
    take(BULK, POLL);
    Set<TopicPartition> before = closed();
    windows.setAside(take(BULK, 1).get(0), true);

    // Then
    assertThat(before).isEmpty();
    assertThat(closed()).containsExactly(BULK);
  }

  @Test
  void aRecordThatWaitsNoMoreTakesItsPlaceAgain() {
    // Given
    List<Delivery> taken = take(BULK, POLL + 1);
    windows.setAside(taken.get(0), true);

    // When
    windows.setAside(taken.get(0), false);

    // Then
    assertThat(closed()).containsExactly(BULK);
  }

  @Test
  void aRecordThatLeavesWhileItWaitsLeavesNoPlaceBehind() {
    // Given
    List<Delivery> taken = take(BULK, POLL + 1);
    windows.setAside(taken.get(0), true);

    // When
    windows.released(taken.get(0));
    take(BULK, 1);

    // Then
    assertThat(closed()).containsExactly(BULK);
  }

  @Test
  void aPartitionThatIsOutOfSpanIsClosedUntilItsFirstRecordHasEnded() {
    // Given
    Delivery first = take(NORMAL, 1).get(0);
    long tooFar = first.offset() + Progress.MAX_SPAN;

    // When
    windows.outOfSpan(NORMAL, tooFar);

    // Then
    assertThat(closed()).containsExactly(NORMAL);
    owned.finish(first);
    assertThat(closed()).isEmpty();
  }

  @Test
  void aPartitionThatIsGoneIsNotOutOfSpanWhenItComesBack() {
    // Given
    Delivery first = take(NORMAL, 1).get(0);
    windows.outOfSpan(NORMAL, first.offset() + Progress.MAX_SPAN);

    // When
    windows.forget(Set.of(NORMAL));

    // Then
    assertThat(closed()).isEmpty();
  }
}
