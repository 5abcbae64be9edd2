package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisCompleted;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Promises 1 and 4 when the device fails. libtorch itself stops a program with CUDA's message, on
 * the thread and at the place where a real worker with the real model would receive it.
 */
@Tag("integration")
class DeviceLossTest {
  private static final int SLOTS = 2;
  private static final String LOST = "CUDA error: an illegal memory access was encountered";
  private static final String FULL = "CUDA out of memory. Tried to allocate 2.00 GiB.";
  private static final TorchEngine ENGINE = TorchEngine.start(EngineSettings.defaults());

  private SynthesisRig rig;
  private HeldSpeechModel model;
  private HeldSpeechModel fresh;

  @BeforeEach
  void open() {
    rig = new SynthesisRig();
    model = load();
    fresh = load();
  }

  @AfterEach
  void close() {
    rig.close();
    model.close();
    fresh.close();
  }

  @Test
  void aDeviceLostBetweenFramesBreaksTheWorkerAndTheNextOneEndsItsWorkOnce() {
    // Given
    String first = newId("first");
    String second = newId("second");
    model.hold((text, listener) -> loseOnceAllRun());
    SynthesisWorker worker = rig.worker(model, "synthesis", "with-gpu");

    // When
    rig.publish(request(first, "I was there."));
    rig.publish(request(second, "So was I."));
    Throwable end = end(worker);
    rig.worker(fresh, "synthesis", "next");

    // Then
    assertThat(end)
        .isInstanceOf(WorkerBrokenException.class)
        .hasStackTraceContaining(EngineBrokenException.class.getName())
        .hasStackTraceContaining(LOST);
    for (String id : List.of(first, second)) {
      SynthesisCompleted completed = completed(id);
      assertThat(completed.getWorker()).isEqualTo("next");
      assertThat(completed.getAttempt()).isEqualTo(2);
    }
  }

  @Test
  void aDeviceLostWhileAClipIsMarkedBreaksTheWorkerToo() {
    // Given
    String id = newId("marked");
    SynthesisWorker worker =
        rig.worker(model, "synthesis", "with-gpu", marking(clip -> fail(LOST)));

    // When
    rig.publish(request(id, "Mark me."));
    Throwable end = end(worker);
    rig.worker(fresh, "synthesis", "next");

    // Then
    assertThat(end).isInstanceOf(WorkerBrokenException.class).hasStackTraceContaining(LOST);
    assertThat(completed(id).getWorker()).isEqualTo("next");
  }

  @Test
  void memoryThatRunsOutForOneClipFailsOnlyItsRequest() {
    // Given
    AtomicInteger refused = new AtomicInteger();
    String large = newId("large");
    String small = newId("small");
    SynthesisWorker worker =
        rig.worker(
            model,
            "synthesis",
            "with-gpu",
            marking(
                clip -> {
                  if (clip.duration().compareTo(Duration.ofSeconds(2)) > 0) {
                    refused.incrementAndGet();
                    fail(FULL);
                  }
                }));

    // When
    rig.publish(request(large, "I need too much."));
    rig.publish(
        request(small, "I do not.")
            .setOptions(SynthesisRig.options().setMaxDurationMillis(1920).build()));

    // Then
    completed(small);
    await().atMost(PATIENCE).until(() -> rig.outcomes(large) > 0);
    assertThat(rig.failed(large)).hasSize(1);
    assertThat(rig.failed(large).get(0).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(rig.failed(large).get(0).getMessage()).contains(FULL);
    assertThat(refused).hasValue(3);
    assertThat(worker.terminated()).isNotDone();
  }

  private boolean loseOnceAllRun() {
    if (model.statistics().running() == SLOTS) {
      fail(LOST);
    }
    return false;
  }

  private static void fail(String complaint) {
    String source =
        """
        class Failing(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool

          def fail(self) -> int:
            ops.prim.RaiseException("%s", "builtins.RuntimeError")
            return 0
        """
            .formatted(complaint);
    try (TorchProgram program = TorchProgram.compile(ENGINE, "failing", source)) {
      program.runLong("fail");
    }
  }

  /** The real watermark, with something that happens before each clip is marked. */
  private static AudioWatermark marking(Consumer<AudioClip> before) {
    AudioWatermark real = WorkerParts.WATERMARK;
    return new AudioWatermark() {
      @Override
      public AudioClip embed(AudioClip clip, WatermarkKey key) {
        before.accept(clip);
        return real.embed(clip, key);
      }

      @Override
      public Detection detect(AudioClip clip, KeyRing expected) {
        return real.detect(clip, expected);
      }

      @Override
      public Duration minimumDuration() {
        return real.minimumDuration();
      }

      @Override
      public void close() {
        // All tests share the real one.
      }
    };
  }

  private SynthesisCompleted completed(String id) {
    await().atMost(PATIENCE).until(() -> rig.outcomes(id) > 0);
    assertThat(rig.failed(id)).isEmpty();
    assertThat(rig.completed(id)).hasSize(1);
    return rig.completed(id).get(0);
  }

  private static Throwable end(SynthesisWorker worker) {
    Throwable end = worker.terminated().handle((nothing, failure) -> failure).join();
    return end instanceof CompletionException ? end.getCause() : end;
  }

  private static HeldSpeechModel load() {
    return new HeldSpeechModel(
        SpeechModels.load(
            WorkerParts.MODELS.resolve("development"),
            new SpeechSettings(
                EngineSettings.defaults(),
                GenerationSettings.defaults().withSlots(SLOTS),
                EndingSettings.NONE)));
  }
}
