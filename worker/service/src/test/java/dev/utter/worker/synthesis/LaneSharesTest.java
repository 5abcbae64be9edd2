package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole worker with the development checkpoint and one slot. */
@Tag("integration")
class LaneSharesTest {
  private static final int FLOOD = 250;
  private SynthesisRig rig;
  private HeldSpeechModel model;

  @BeforeEach
  void open() {
    rig = new SynthesisRig();
    model =
        new HeldSpeechModel(
            SpeechModels.load(
                WorkerParts.MODELS.resolve("development"),
                new SpeechSettings(
                    EngineSettings.defaults(),
                    GenerationSettings.defaults().withSlots(1),
                    EndingSettings.NONE)));
  }

  @AfterEach
  void close() {
    rig.close();
    model.close();
  }

  @Test
  void everyLaneCompletesUnderASteadyFloodOfInteractiveRequests() {
    // Given: one BULK request that has begun and is preempted, and one of each lane that waits
    String preempted = newId("preempted");
    String bulk = newId("bulk");
    String normal = newId("normal");
    model.hold((text, listener) -> model.submitted.get() < 2);
    rig.worker(model, "shares", "worker", new NoWatermark());
    rig.publish(Topics.WORK_BULK, request(preempted, "Whenever.").build());
    await().atMost(PATIENCE).until(() -> model.submitted.get() == 1);

    // When
    List<String> flood = IntStream.range(0, FLOOD).mapToObj(i -> newId("now")).toList();
    flood.forEach(id -> rig.publish(Topics.WORK_INTERACTIVE, request(id, "At once.").build()));
    rig.publish(Topics.WORK_NORMAL, request(normal, "Soon.").build());
    rig.publish(Topics.WORK_BULK, request(bulk, "Some day.").build());

    // Then
    String last = flood.get(FLOOD - 1);
    await()
        .atMost(Duration.ofMinutes(5))
        .until(
            () ->
                rig.outcomes(last) == 1
                    || Stream.of(preempted, normal, bulk).allMatch(id -> rig.outcomes(id) == 1));
    assertThat(model.statistics().preemptions()).isPositive();
    assertThat(rig.completed(preempted)).hasSize(1);
    assertThat(rig.completed(normal)).hasSize(1);
    assertThat(rig.completed(bulk)).hasSize(1);
    assertThat(rig.outcomes(last)).isZero();
  }

  /** Takes no time: marking is not what the requests wait for here. */
  private static final class NoWatermark implements AudioWatermark {
    @Override
    public AudioClip embed(AudioClip clip, WatermarkKey key) {
      return clip;
    }

    @Override
    public Detection detect(AudioClip clip, KeyRing expected) {
      return Detection.match(expected.marking().id(), 1, "not looked for");
    }

    @Override
    public Duration minimumDuration() {
      return Duration.ZERO;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
