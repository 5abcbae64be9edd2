package dev.utter.worker.intake.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.TestingAssignment;
import dev.utter.worker.intake.TestingBroker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class LanePurgeTest implements IntakeListener {
  private static final TopicPartition ONE = new TopicPartition("bulk", 0);
  private static final TopicPartition TWO = new TopicPartition("bulk", 1);
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofMinutes(1);

  private final TestingBroker broker = new TestingBroker(2, "bulk");
  private final AtomicInteger failures = new AtomicInteger();
  private final TestingAssignment owned;
  private final LanePurge purge;

  LanePurgeTest() {
    broker.partitions().forEach(each -> broker.commit(each, new OffsetAndMetadata(0)));
    broker.log(ONE, 0, 20);
    broker.log(TWO, 0, 20);
    owned = new TestingAssignment(broker).takeOver();
    purge = new LanePurge(broker.admin(), this, owned.now::get);
    broker.calls().clear();
  }

  @Override
  public void purgeFailed() {
    failures.incrementAndGet();
  }

  private void turn() {
    purge.run(owned.assignment.works());
  }

  private List<String> deleted() {
    return broker.calls().stream().filter(call -> call.contains("<")).toList();
  }

  @Test
  void deletesWhatIsFinishedSoonTheFirstTimeAndThenEveryMinute() {
    // Given
    owned.finish(owned.take(ONE, 0));

    // When
    owned.pass(FIRST.minusNanos(1));
    turn();
    List<String> before = deleted();
    owned.pass(Duration.ofNanos(1));
    turn();
    List<String> first = deleted();
    owned.finish(owned.take(ONE, 1));
    owned.pass(LATER.minusNanos(1));
    turn();
    List<String> again = deleted();
    owned.pass(Duration.ofNanos(1));
    turn();
    owned.pass(LATER);
    turn();

    // Then
    assertThat(before).isEmpty();
    assertThat(first).containsExactly("bulk-0<1");
    assertThat(again).isEqualTo(first);
    assertThat(deleted()).containsExactly("bulk-0<1", "bulk-0<2");
  }

  @Test
  void theFirstDeletionOfAPartitionComesSoon() {
    // Given
    owned.finish(owned.take(ONE, 0));
    owned.pass(FIRST);
    turn();

    // When
    owned.finish(owned.take(TWO, 0));
    owned.pass(FIRST);
    turn();

    // Then
    assertThat(deleted()).containsExactly("bulk-0<1", "bulk-1<1");
  }

  @Test
  void asksForNothingWhileAnAnswerIsAwaited() {
    // Given
    broker.silence(true);
    owned.finish(owned.take(ONE, 0));
    owned.pass(FIRST);
    turn();

    // When
    owned.finish(owned.take(ONE, 1));
    owned.pass(LATER);
    turn();

    // Then
    assertThat(deleted()).hasSize(1);
  }

  @Test
  void aFailureIsReportedAndTriedAgainEveryMinute() {
    // Given
    broker.fail("deleteRecords", new TopicAuthorizationException("no"));
    owned.finish(owned.take(ONE, 0));
    owned.pass(FIRST);
    turn();

    // When
    owned.pass(FIRST);
    turn();
    int soon = deleted().size();
    owned.pass(LATER);
    turn();
    owned.pass(LATER);
    turn();

    // Then
    assertThat(soon).isEqualTo(1);
    assertThat(deleted()).containsExactly("bulk-0<1", "bulk-0<1", "bulk-0<1");
    assertThat(failures).hasValue(2);
  }

  @Test
  void theLastCommitIsFollowedByADeletionAtOnce() {
    // Given
    owned.finish(owned.take(ONE, 0));

    // When
    purge.finish(owned.assignment.works(), Duration.ofSeconds(10));
    purge.finish(owned.assignment.works(), Duration.ofSeconds(10));

    // Then
    assertThat(deleted()).containsExactly("bulk-0<1");
  }

  @Test
  void theEndDoesNotWaitForADeletionThatFailsOrIsNotAllowed() {
    // Given
    broker.fail("deleteRecords", new TopicAuthorizationException("no"));
    owned.finish(owned.take(ONE, 0));
    purge.finish(owned.assignment.works(), Duration.ofSeconds(10));
    turn();

    // When
    owned.finish(owned.take(ONE, 1));
    purge.finish(owned.assignment.works(), Duration.ofSeconds(10));

    // Then
    assertThat(deleted()).hasSize(1);
    assertThat(failures).hasValue(1);
  }

  @Test
  void theEndWaitsForASilentBrokerNoLongerThanItMay() {
    // Given
    broker.silence(true);
    owned.finish(owned.take(ONE, 0));

    // When
    purge.finish(owned.assignment.works(), Duration.ofMillis(1));

    // Then
    assertThat(deleted()).hasSize(1);
  }
}
