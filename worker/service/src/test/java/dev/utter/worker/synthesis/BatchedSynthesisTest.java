package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.options;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.synthesis.HeldSpeechModel.Hold;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole worker with the development checkpoint and several slots. */
@Tag("integration")
class BatchedSynthesisTest {
  private static final int SLOTS = 3;
  private static SynthesisRig rig;
  private static HeldSpeechModel model;

  @BeforeAll
  static void open() {
    rig = new SynthesisRig();
    model =
        new HeldSpeechModel(
            SpeechModels.load(
                WorkerParts.MODELS.resolve("development"),
                new SpeechSettings(
                    EngineSettings.defaults(),
                    GenerationSettings.defaults().withSlots(SLOTS).withStrict(true),
                    EndingSettings.NONE)));
    rig.store.putIfAbsent(
        ObjectLocation.newest(SynthesisRig.VOICES, "voice"), noise(), "audio/wav", Map.of());
  }

  @AfterAll
  static void close() {
    rig.close();
    model.close();
  }

  @BeforeEach
  void startWorker() {
    rig.worker(model, "synthesis", "worker");
  }

  @AfterEach
  void stopWorkers() {
    model.hold(Hold.NEVER);
    rig.stopWorkers();
  }

  @Test
  void requestsRunInOneBatchAndSoundAsTheyDoAlone() {
    // Given
    model.hold(Hold.NEVER);
    List<SynthesisCompleted> alone =
        IntStream.range(0, SLOTS).mapToObj(BatchedSynthesisTest::speakAlone).toList();
    assertThat(model.maxRunning).hasValue(1);
    List<String> ids = ids("together");

    // When
    model.hold((text, listener) -> model.submitted.get() < SLOTS);
    forEachSlot(i -> rig.publish(variant(ids.get(i), i)));

    // Then
    forEachSlot(
        i -> {
          SynthesisCompleted together = completed(ids.get(i));
          assertThat(together.getFrames()).isEqualTo(alone.get(i).getFrames());
          assertThat(together.getAudio().getSha256())
              .isEqualTo(alone.get(i).getAudio().getSha256());
        });
    assertThat(model.maxRunning).hasValue(SLOTS);
  }

  @Test
  void aCancelledRequestFreesItsSlotWhileItsNeighboursComplete() {
    // Given
    String cancelled = newId("cancelled");
    List<String> neighbours = ids("neighbour");
    model.hold(
        (text, listener) ->
            text.equals("Never mind.") && model.statistics().running() > 0 && listener.onFrame(1));
    rig.publish(request(cancelled, "Never mind."));
    await().atMost(PATIENCE).until(() -> model.statistics().running() == 1);
    forEachSlot(i -> rig.publish(variant(neighbours.get(i), i)));
    await().atMost(PATIENCE).until(() -> model.submitted.get() == SLOTS);

    // When
    rig.cancel(cancelled);

    // Then
    neighbours.forEach(id -> assertThat(completed(id).getAttempt()).isEqualTo(1));
    assertThat(rig.failed(cancelled)).hasSize(1);
    assertThat(rig.failed(cancelled).get(0).getCode()).isEqualTo(FailureCode.CANCELLED);
  }

  @Test
  void interactiveWorkTakesTheSlotOfBulkWhichGoesOnAfterwards() {
    // Given
    long preemptions = model.statistics().preemptions();
    List<String> bulk = ids("bulk");
    String interactive = newId("interactive");
    // The first one must not end before the last one has come.
    model.hold(
        (text, listener) ->
            model.submitted.get() < SLOTS
                || model.submitted.get() == SLOTS && model.statistics().running() == SLOTS);
    forEachSlot(i -> rig.publish(Topics.WORK_BULK, variant(bulk.get(i), 0).build()));
    await().atMost(PATIENCE).until(() -> model.statistics().running() == SLOTS);

    // When
    rig.publish(Topics.WORK_INTERACTIVE, variant(interactive, 0).build());

    // Then
    SynthesisCompleted overtaking = completed(interactive);
    List<SynthesisCompleted> preempted =
        bulk.stream().map(BatchedSynthesisTest::completed).toList();
    assertThat(model.statistics().preemptions()).isGreaterThan(preemptions);
    assertThat(preempted).allSatisfy(clip -> assertThat(clip.getAttempt()).isEqualTo(1));
    assertThat(preempted)
        .allSatisfy(
            clip ->
                assertThat(clip.getAudio().getSha256())
                    .isEqualTo(overtaking.getAudio().getSha256()));
  }

  private static SynthesisCompleted speakAlone(int number) {
    String id = newId("alone");
    rig.publish(variant(id, number));
    return completed(id);
  }

  private static List<String> ids(String name) {
    return IntStream.range(0, SLOTS).mapToObj(i -> newId(name)).toList();
  }

  private static void forEachSlot(IntConsumer action) {
    IntStream.range(0, SLOTS).forEach(action);
  }

  /** With context, without it, and greedy: each the same samples every time. */
  private static SynthesisRequested.Builder variant(String id, int number) {
    SynthesisRequested.Builder request =
        request(id, "Sentence number " + number + ".")
            .setOptions(options().setSeed((long) number).setTopK(number == 2 ? 1 : 50).build());
    if (number == 1) {
      ObjectReference voice =
          ObjectReference.newBuilder().setBucket(SynthesisRig.VOICES).setKey("voice").build();
      request.setContext(
          List.of(
              ContextUtterance.newBuilder()
                  .setSpeaker(0)
                  .setText("Hello.")
                  .setAudio(voice)
                  .build()));
    }
    return request;
  }

  private static SynthesisCompleted completed(String id) {
    await().atMost(PATIENCE).until(() -> rig.outcomes(id) == 1);
    assertThat(rig.failed(id)).isEmpty();
    return rig.completed(id).get(0);
  }

  private static byte[] noise() {
    Random random = new Random(1);
    float[] samples = new float[44_100];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return new AudioEncoder(AudioLimits.DEFAULT)
        .encode(new AudioClip(samples, 44_100), FileFormat.WAV_PCM16);
  }
}
