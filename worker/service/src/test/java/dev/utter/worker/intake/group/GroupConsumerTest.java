package dev.utter.worker.intake.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.TestingDeliveries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupConsumerTest {
  private static final TopicPartition ONE = new TopicPartition("lane", 1);
  private static final TopicPartition TWO = new TopicPartition("lane", 2);
  private static final TopicPartition REVOKED = new TopicPartition("lane", 3);
  private static final Duration TIMEOUT = Duration.ofSeconds(7);

  private final List<Duration> waits = new ArrayList<>();
  private final List<Duration> closed = new ArrayList<>();
  private int wakeups;
  private RuntimeException failure;

  /** A consumer without a broker, whose calls wait for nothing, are woken, or fail. */
  private final MockConsumer<byte[], byte[]> kafka =
      new MockConsumer<>("none") {
        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration wait) {
          waits.add(wait);
          return super.poll(wait);
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
            Set<TopicPartition> partitions, Duration wait) {
          interrupt();
          return super.committed(partitions, wait);
        }

        @Override
        public synchronized long position(TopicPartition partition, Duration wait) {
          interrupt();
          return super.position(partition, wait);
        }

        @Override
        public void close(CloseOptions options) {
          closed.add(options.timeout().orElseThrow());
        }
      };

  private final CommandQueue commands = new CommandQueue(kafka::wakeup);
  private final GroupConsumer consumer = new GroupConsumer(kafka, commands, TIMEOUT);

  private void interrupt() {
    if (wakeups > 0) {
      wakeups--;
      throw new WakeupException();
    }
    if (failure != null) {
      throw failure;
    }
  }

  @BeforeEach
  void assign() {
    kafka.subscribe(Set.of("lane"));
    kafka.rebalance(List.of(ONE, TWO));
    kafka.updateBeginningOffsets(Map.of(ONE, 0L, TWO, 0L));
    consumer.seek(ONE, 0);
    consumer.seek(TWO, 0);
  }

  @Test
  void pollsRecordsAndWaitsOnlyIfNoCommandIsThere() {
    // Given
    kafka.addRecord(new ConsumerRecord<>("lane", 1, 0, new byte[0], new byte[0]));

    // When
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(5));
    TestingDeliveries.delivery(commands).start();
    consumer.poll(Duration.ofMillis(5));

    // Then
    assertThat(polled.count()).isEqualTo(1);
    assertThat(waits).containsExactly(Duration.ofMillis(5), Duration.ZERO);
  }

  @Test
  void aCommandEndsThePollAndLeavesNoWakeUpBehind() {
    // Given
    kafka.schedulePollTask(commands::wake);

    // When
    assertThat(consumer.poll(Duration.ofMillis(5))).isEmpty();
    commands.wake();

    // Then
    assertThatCode(() -> kafka.poll(Duration.ZERO)).doesNotThrowAnyException();
  }

  @Test
  void aPollThatFailsForNowIsEmptyAndOneThatNeverWorksBreaksTheWorker() {
    // Given
    kafka.setPollException(new TimeoutException("slow"));

    // Then
    assertThat(consumer.poll(Duration.ZERO)).isEmpty();
    kafka.setPollException(new GroupAuthorizationException("no"));
    assertThatThrownBy(() -> consumer.poll(Duration.ZERO))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageStartingWith("consumer failed: ");
    commands.wake();
    assertThatCode(() -> kafka.poll(Duration.ZERO)).doesNotThrowAnyException();
  }

  @Test
  void positionsOutsideTheLogAreReportedOnce() {
    // Given
    kafka.setPollException(new OffsetOutOfRangeException("gone", Map.of(ONE, 5L)));

    // When
    assertThat(consumer.poll(Duration.ZERO)).isEmpty();

    // Then
    assertThat(consumer.astray()).containsExactly(ONE);
    assertThat(consumer.astray()).isEmpty();
  }

  @Test
  void readsWhatIsCommittedThoughItIsWoken() {
    // Given
    kafka.commitSync(Map.of(ONE, new OffsetAndMetadata(4, "note")));
    wakeups = 2;

    // Then
    assertThat(consumer.committed(Set.of(ONE), TIMEOUT))
        .contains(Map.of(ONE, new OffsetAndMetadata(4, "note")));
  }

  @Test
  void whatIsCommittedIsUnknownWhileTheGroupDoesNotAnswer() {
    for (KafkaException why :
        List.of(new TimeoutException("slow"), new UnknownMemberIdException("left"))) {
      failure = why;
      assertThat(consumer.committed(Set.of(ONE), TIMEOUT)).isEqualTo(Optional.empty());
    }
    failure = new GroupAuthorizationException("no");
    assertThatThrownBy(() -> consumer.committed(Set.of(ONE), TIMEOUT))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageStartingWith("offsets cannot be read: ");
  }

  @Test
  void holdsPartitionsAtAPositionOfTheirOwn() {
    // When
    consumer.seek(ONE, 9);
    consumer.hold(List.of(ONE));

    // Then
    assertThat(kafka.paused()).containsExactly(ONE);
    assertThat(kafka.position(ONE)).isZero();
  }

  @Test
  void pausesExactlyWhatIsWanted() {
    // Given
    consumer.pauseOnly(Set.of(ONE));

    // When
    consumer.pauseOnly(Set.of(TWO));

    // Then
    assertThat(kafka.paused()).containsExactly(TWO);
    consumer.pauseOnly(Set.of());
    assertThat(kafka.paused()).isEmpty();
    assertThat(consumer.assignment()).containsExactlyInAnyOrder(ONE, TWO);
  }

  @Test
  void aPartitionThatWasJustRevokedIsLeftAlone() {
    assertThatCode(
            () -> {
              consumer.seek(REVOKED, 5);
              consumer.hold(List.of(REVOKED));
              consumer.pauseOnly(Set.of(REVOKED));
            })
        .doesNotThrowAnyException();
    failure = new IllegalStateException("not assigned");
    assertThat(consumer.position(REVOKED)).isEmpty();
  }

  @Test
  void knowsThePositionThoughItIsWokenUnlessTheBrokerDoesNotAnswer() {
    // Given
    consumer.seek(ONE, 5);
    wakeups = 1;

    // Then
    assertThat(consumer.position(ONE)).hasValue(5);
    failure = new TimeoutException("slow");
    assertThat(consumer.position(ONE)).isEmpty();
  }

  @Test
  void closesWithinItsTime() {
    // When
    consumer.close();

    // Then
    assertThat(closed).containsExactly(TIMEOUT);
    assertThat(consumer.groupMetadata()).isEqualTo(kafka.groupMetadata());
  }
}
