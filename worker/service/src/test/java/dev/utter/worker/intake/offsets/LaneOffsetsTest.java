package dev.utter.worker.intake.offsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.intake.TestingBroker;
import dev.utter.worker.intake.offsets.LaneOffsets.Standing;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.junit.jupiter.api.Test;

class LaneOffsetsTest {
  private static final TopicPartition ONE = new TopicPartition("bulk", 0);
  private static final TopicPartition TWO = new TopicPartition("bulk", 1);
  private static final Set<String> LANES = Set.of("bulk", "normal");

  private final TestingBroker broker = new TestingBroker(2, "bulk", "normal");
  private final LaneOffsets offsets = new LaneOffsets(broker.admin(), TestingBroker.GROUP);

  @Test
  void findsWhatIsCommittedAndWhatTheLogHolds() {
    // Given
    broker.log(ONE, 3, 9);
    broker.log(TWO, 1, 2);
    broker.commit(ONE, new OffsetAndMetadata(5, "utter1:a"));

    // When
    Map<TopicPartition, CompletableFuture<Takeover.Found>> found = offsets.find(Set.of(ONE, TWO));

    // Then
    assertThat(found.get(ONE).join())
        .isEqualTo(
            new Takeover.Found(false, Optional.of(new OffsetAndMetadata(5, "utter1:a")), 3, 9));
    assertThat(found.get(TWO).join()).isEqualTo(new Takeover.Found(false, Optional.empty(), 1, 2));
  }

  @Test
  void findsThatATransactionIsOpen() {
    // Given
    broker.commit(ONE, new OffsetAndMetadata(5));
    broker.open(Set.of(ONE));

    // Then
    assertThat(offsets.find(Set.of(ONE)).get(ONE).join().open()).isTrue();
  }

  @Test
  void waitsForNoAnswer() {
    // Given
    broker.silence(true);

    // Then
    assertThat(offsets.find(Set.of(ONE)).get(ONE)).isNotDone();
    assertThat(offsets.ends(Set.of(ONE))).isNotDone();
    assertThat(offsets.standings(LANES)).isNotDone();
  }

  @Test
  void knowsTheEndsOfTheLogs() {
    // Given
    broker.log(ONE, 3, 9);

    // Then
    assertThat(offsets.ends(Set.of(ONE, TWO)).join()).isEqualTo(Map.of(ONE, 9L, TWO, 0L));
  }

  @Test
  void knowsHowEveryPartitionOfTheLanesStands() {
    // Given
    broker.log(ONE, 3, 9);
    broker.commit(ONE, new OffsetAndMetadata(5));

    // When
    Map<TopicPartition, Standing> standings = offsets.standings(LANES).join();

    // Then
    assertThat(standings.keySet()).containsExactlyInAnyOrderElementsOf(broker.partitions());
    assertThat(standings)
        .containsEntry(ONE, new Standing(3, 9, Optional.of(new OffsetAndMetadata(5))))
        .containsEntry(TWO, new Standing(0, 0, Optional.empty()));
  }

  @Test
  void theBacklogIsWhatIsNotKnownToBeFinished() {
    assertThat(standing(3, 9, 5).backlog()).isEqualTo(4);
    assertThat(standing(3, 9, 9).backlog()).isZero();
    assertThat(standing(3, 9, 1).backlog()).as("deleted records do not count").isEqualTo(6);
    assertThat(standing(3, 9, 50).backlog()).as("an offset past the end").isZero();
    assertThat(new Standing(3, 9, Optional.empty()).backlog()).isEqualTo(6);
  }

  private static Standing standing(long start, long end, long committed) {
    return new Standing(start, end, Optional.of(new OffsetAndMetadata(committed)));
  }

  @Test
  void aNewGroupBeginsItsLanesAtTheirBeginning() throws Exception {
    // When
    offsets.initialise(LANES);

    // Then
    assertThat(broker.committed().keySet())
        .containsExactlyInAnyOrderElementsOf(broker.partitions());
    assertThat(broker.committed().values()).containsOnly(new OffsetAndMetadata(0));
  }

  @Test
  void aLaneOnWhichWorkWasDoneIsLeftAsItIs() throws Exception {
    // Given
    OffsetAndMetadata before = new OffsetAndMetadata(5);
    broker.commit(ONE, before);
    broker.log(new TopicPartition("normal", 1), 2, 2);

    // When
    offsets.initialise(LANES);

    // Then
    assertThat(broker.committed()).isEqualTo(Map.of(ONE, before));
    assertThat(broker.calls()).doesNotContain("alterConsumerGroupOffsets");
  }

  @Test
  void theFirstMemberOfAGroupHasBegunItsLanesForTheOthers() {
    // Given
    broker.fail("alterConsumerGroupOffsets", new UnknownMemberIdException("has members"));

    // Then
    assertThatCode(() -> offsets.initialise(LANES)).doesNotThrowAnyException();
    broker.fail("alterConsumerGroupOffsets", new GroupAuthorizationException("no"));
    assertThatThrownBy(() -> offsets.initialise(LANES))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(GroupAuthorizationException.class);
  }
}
