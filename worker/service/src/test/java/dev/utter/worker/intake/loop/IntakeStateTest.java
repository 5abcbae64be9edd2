package dev.utter.worker.intake.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.offsets.Takeover;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class IntakeStateTest {
  private static final TopicPartition ONE = new TopicPartition("lane", 1);
  private static final TopicPartition TWO = new TopicPartition("lane", 2);
  private final IntakeState state = new IntakeState();

  @Test
  void namesTheFirstThingThatIsMissing() {
    // Then
    assertThat(state.waitingFor()).contains("Kafka");
    state.waiting("Kafka: no answer");
    assertThat(state.waitingFor()).contains("Kafka: no answer");
    state.began();
    assertThat(state.waitingFor()).contains("a transactional producer");
    state.producerMissing("no answer");
    assertThat(state.waitingFor()).contains("a transactional producer: no answer");
    state.producerReady();
    assertThat(state.waitingFor()).contains("the first assignment");
    state.takingOver(Set.of(TWO, ONE));
    assertThat(state.waitingFor())
        .contains("the committed offsets of 2 partitions, the first is lane-1");
    state.takingOver(Set.of());
    assertThat(state.waitingFor()).isEmpty();
  }

  @Test
  void namesTheFirstOfTheRefusedPartitionsAndTheReason() {
    // Given
    state.began();
    state.producerReady();
    state.takingOver(Set.of());

    // When
    state.refused(Map.of(TWO, refusal("two"), ONE, refusal("one")));

    // Then
    assertThat(state.waitingFor())
        .contains("an operator's decision about 2 refused partitions; lane-1: one");
    state.refused(Map.of());
    assertThat(state.waitingFor()).isEmpty();
  }

  private static Takeover.Decision.Refuse refusal(String why) {
    return new Takeover.Decision.Refuse(why, 0, Optional.empty());
  }
}
