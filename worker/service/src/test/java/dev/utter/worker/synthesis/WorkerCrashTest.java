package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.header;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.intake.DeadLetter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Promises 1 and 4 against workers that die, freeze, or are taken down by a record. */
class WorkerCrashTest {
  private static final String GROUP = "synthesis";
  private static SynthesisRig rig;

  @BeforeAll
  static void openRig() {
    rig = new SynthesisRig();
  }

  @AfterAll
  static void closeRig() {
    rig.close();
  }

  @AfterEach
  void stopWorkers() {
    rig.stopWorkers();
  }

  @Test
  void aKilledWorkersRequestsEachGetOneOutcomeFromTheNext() {
    // Given
    String held = newId("held");
    List<String> ids = IntStream.range(0, 6).mapToObj(i -> newId("n" + i)).toList();
    ids.subList(0, 3).forEach(id -> rig.publish(request(id, "speak")));
    ChildWorker first = rig.child(GROUP, "first");
    await().atMost(PATIENCE).until(() -> ids.subList(0, 3).stream().allMatch(this::isOver));
    rig.publish(request(held, "hold forever"));
    await().atMost(PATIENCE).until(() -> first.speaks("hold forever"));
    ids.subList(3, 6).forEach(id -> rig.publish(request(id, "speak")));

    // When
    first.kill();
    TestingSpeechModel model = new TestingSpeechModel(4);
    model.release("hold forever");
    rig.worker(model, GROUP, "second");

    // Then
    await().atMost(PATIENCE).until(() -> isOver(held) && ids.stream().allMatch(this::isOver));
    assertThat(ids).allSatisfy(id -> assertThat(rig.completed(id)).hasSize(1));
    assertThat(rig.completed(held)).hasSize(1);
    assertThat(rig.completed(held).get(0).getAttempt()).isEqualTo(2);
    assertThat(rig.completed(held).get(0).getWorker()).isEqualTo("second");
    assertThat(model.beginnings).hasSize(4);
  }

  @Test
  void aPoisonRecordEndsAsOneFailureAndOneDeadLetterAndCostsItsNeighboursNothing() {
    // Given
    String poison = newId("poison");
    SynthesisRequested request = request(poison, "halt").build();
    List<String> neighbours = IntStream.range(0, 5).mapToObj(i -> newId("n" + i)).toList();
    neighbours.subList(0, 2).forEach(id -> rig.publish(request(id, "speak")));
    rig.publish(Topics.WORK_NORMAL, request);
    neighbours.subList(2, 5).forEach(id -> rig.publish(request(id, "speak")));

    // When
    int deaths = 0;
    ChildWorker child = rig.child(GROUP, "child");
    while (rig.outcomes(poison) == 0) {
      if (!child.isAlive()) {
        deaths++;
        child = rig.child(GROUP, "child");
      }
    }

    // Then
    await().atMost(PATIENCE).until(() -> neighbours.stream().allMatch(this::isOver));
    assertThat(deaths).isEqualTo(3);
    assertThat(rig.failed(poison)).hasSize(1);
    assertThat(rig.failed(poison).get(0).getCode()).isEqualTo(FailureCode.ATTEMPTS_EXHAUSTED);
    assertThat(rig.failed(poison).get(0).getAttempt()).isEqualTo(3);
    assertThat(header(rig.deadLetter(poison).orElseThrow(), DeadLetter.REASON))
        .isEqualTo("ATTEMPTS_EXHAUSTED");
    assertThat(neighbours)
        .allSatisfy(
            id -> {
              assertThat(rig.completed(id)).hasSize(1);
              assertThat(rig.completed(id).get(0).getAttempt()).isLessThanOrEqualTo(2);
            });
  }

  @Test
  void aFrozenWorkerIsFencedWhenItWakes() {
    // Given
    String id = newId("frozen");
    rig.publish(request(id, "hold frozen"));
    ChildWorker frozen = rig.child(GROUP, "frozen");
    await().atMost(PATIENCE).until(() -> frozen.speaks("hold frozen"));
    frozen.freeze();
    TestingSpeechModel model = new TestingSpeechModel(4);
    model.release("hold frozen");
    rig.worker(model, GROUP, "awake");
    await().atMost(PATIENCE).until(() -> isOver(id));
    String after = newId("after");

    // When
    frozen.thaw();
    rig.publish(request(after, "speak"));

    // Then
    await().atMost(PATIENCE).until(() -> isOver(after));
    assertThat(rig.completed(id)).hasSize(1);
    assertThat(rig.completed(id).get(0).getWorker()).isEqualTo("awake");
    assertThat(rig.completed(after)).hasSize(1);
  }

  private boolean isOver(String id) {
    return rig.outcomes(id) > 0;
  }
}
