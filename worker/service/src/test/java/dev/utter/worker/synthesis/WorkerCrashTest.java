package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.header;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.storage.object.ObjectLocation;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises 1 and 4 with workers that die, freeze, or are ended by a record. */
@Tag("integration")
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
  void aKilledWorkersRequestsEachGetOneOutcomeFromTheNextWhichRunsThoseInFlightAlone() {
    // Given
    List<String> before = ids("before", 3);
    List<String> held = ids("held", ChildWorker.SLOTS);
    List<String> waiting = ids("waiting", 3);
    before.forEach(id -> rig.publish(request(id, "speak " + id)));
    ChildWorker first = rig.child(GROUP, "first");
    await().atMost(PATIENCE).until(() -> before.stream().allMatch(this::isOver));
    held.forEach(id -> rig.publish(request(id, "hold " + id)));
    await().atMost(PATIENCE).until(() -> held.stream().allMatch(id -> first.speaks("hold " + id)));
    waiting.forEach(id -> rig.publish(request(id, "speak " + id)));

    // When
    first.kill();
    TestingSpeechModel model = new TestingSpeechModel(ChildWorker.SLOTS);
    held.forEach(id -> model.release("hold " + id));
    rig.worker(model, GROUP, "second");

    // Then
    await()
        .atMost(PATIENCE)
        .until(() -> Stream.concat(held.stream(), waiting.stream()).allMatch(this::isOver));
    assertThat(before).allSatisfy(id -> assertThat(rig.completed(id)).hasSize(1));
    assertThat(waiting).allSatisfy(id -> assertThat(onlyClip(id).getAttempt()).isEqualTo(1));
    assertThat(held)
        .allSatisfy(
            id -> {
              assertThat(onlyClip(id).getAttempt()).isEqualTo(2);
              assertThat(onlyClip(id).getWorker()).isEqualTo("second");
              assertThat(model.company).containsEntry("hold " + id, 1);
            });
    assertThat(model.beginnings).hasSize(held.size() + waiting.size());
  }

  @Test
  void aPoisonRecordEndsAsOneFailureAndOneDeadLetterAndCostsItsNeighboursNothing() {
    // Given
    String poison = newId("poison");
    SynthesisRequested request = request(poison, "halt").build();
    List<String> neighbours = ids("n", 5);
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

  @ParameterizedTest
  @ValueSource(strings = {ChildWorker.HALTS, ChildWorker.EXHAUSTS})
  void aContextThatTakesItsDecoderDownIsCountedAndCostsItsNeighboursNothing(String harm) {
    // Given
    ObjectLocation context = ObjectLocation.newest(SynthesisRig.VOICES, newId(harm));
    rig.store.putIfAbsent(context, harm.getBytes(UTF_8), "audio/wav", Map.of());
    String poison = newId("poison");
    rig.publish(
        request(poison, "speak")
            .setContext(
                List.of(
                    ContextUtterance.newBuilder()
                        .setSpeaker(0)
                        .setText("Hello.")
                        .setAudio(
                            ObjectReference.newBuilder()
                                .setBucket(context.bucket())
                                .setKey(context.key())
                                .build())
                        .build())));
    ChildWorker first = rig.child(GROUP, "child");
    await().atMost(PATIENCE).until(() -> !first.isAlive());
    List<String> neighbours = ids("n", 4);

    // When
    neighbours.forEach(id -> rig.publish(request(id, "speak")));
    int deaths = 1;
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
    assertThat(rig.failed(poison).get(0).getCode()).isEqualTo(FailureCode.ATTEMPTS_EXHAUSTED);
    assertThat(rig.failed(poison).get(0).getAttempt()).isEqualTo(3);
    assertThat(neighbours).allSatisfy(id -> assertThat(onlyClip(id).getAttempt()).isEqualTo(1));
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

  private static List<String> ids(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> newId(name + i)).toList();
  }

  private SynthesisCompleted onlyClip(String id) {
    assertThat(rig.outcomes(id)).isEqualTo(1);
    assertThat(rig.completed(id)).hasSize(1);
    return rig.completed(id).get(0);
  }

  private boolean isOver(String id) {
    return rig.outcomes(id) > 0;
  }
}
