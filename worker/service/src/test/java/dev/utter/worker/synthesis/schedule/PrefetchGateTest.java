package dev.utter.worker.synthesis.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.Topics;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.job.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrefetchGateTest {
  private final List<Job> entered = new ArrayList<>();
  private final PrefetchGate gate = new PrefetchGate(2, entered::add);
  private final List<Job> bulk =
      List.of(job(Topics.WORK_BULK), job(Topics.WORK_BULK), job(Topics.WORK_BULK));
  private final Job urgent = job(Topics.WORK_INTERACTIVE);

  private static Job job(String lane) {
    return new Job(TestingDeliveries.delivery(lane, 0), Instant.EPOCH);
  }

  @Test
  void eachLaneHasItsOwnRoom() {
    // When
    bulk.forEach(gate::ask);
    gate.ask(urgent);

    // Then
    assertThat(entered).containsExactly(bulk.get(0), bulk.get(1), urgent);
  }

  @Test
  void theNextEntersWhenOneLeavesAndNoMore() {
    // Given
    bulk.forEach(gate::ask);

    // When
    gate.leave(bulk.get(0));
    gate.leave(bulk.get(0));
    gate.leave(bulk.get(1));

    // Then
    assertThat(entered).containsExactlyElementsOf(bulk);
    Job later = job(Topics.WORK_BULK);
    gate.ask(later);
    assertThat(entered).endsWith(later).hasSize(4);
  }

  @Test
  void aJobThatLeavesTwiceMakesRoomOnce() {
    // Given
    bulk.forEach(gate::ask);
    Job fourth = job(Topics.WORK_BULK);
    gate.ask(fourth);

    // When
    gate.leave(bulk.get(0));
    List<Job> afterOne = List.copyOf(entered);
    gate.leave(bulk.get(0));

    // Then
    assertThat(afterOne).containsExactlyElementsOf(bulk);
    assertThat(entered).doesNotContain(fourth);
    gate.leave(bulk.get(2));
    assertThat(entered).endsWith(fourth);
  }

  @Test
  void aJobThatEntersLaterTakesAPlace() {
    // Given
    bulk.forEach(gate::ask);
    gate.leave(bulk.get(0));

    // When
    Job fourth = job(Topics.WORK_BULK);
    gate.ask(fourth);

    // Then
    assertThat(entered).doesNotContain(fourth);
  }

  @Test
  void aWaitingJobCanBeTakenOut() {
    // Given
    bulk.forEach(gate::ask);

    // Then
    assertThat(gate.withdraw(urgent)).isFalse();
    assertThat(gate.withdraw(bulk.get(0))).as("it is inside").isFalse();
    assertThat(gate.withdraw(bulk.get(2))).isTrue();
    assertThat(gate.withdraw(bulk.get(2))).isFalse();
    gate.leave(bulk.get(0));
    assertThat(entered).hasSize(2);
  }

  @Test
  void aJobThatLeavesWhileItWaitsDoesNotEnter() {
    // Given
    bulk.forEach(gate::ask);

    // When
    gate.leave(bulk.get(2));
    gate.leave(bulk.get(0));

    // Then
    assertThat(entered).hasSize(2);
  }
}
