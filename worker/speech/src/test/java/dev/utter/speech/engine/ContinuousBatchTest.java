package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.csm.LoadedModel;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.TextPrompts;
import dev.utter.speech.torch.NativeMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The engine as a whole. Listeners run on the engine's thread, once in every iteration, so what
 * they submit arrives at a known frame.
 */
class ContinuousBatchTest {

  private static final int CHUNK = 16;

  private static final GenerationSettings SETTINGS =
      GenerationSettings.defaults().withPrefillChunk(CHUNK).withFramesPerDecode(3);

  private final long ownersBefore = NativeMemory.openOwners();
  private EngineHarness harness;

  private void start(int slots) {
    harness = new EngineHarness(SETTINGS.withSlots(slots));
  }

  @AfterEach
  void leavesNoNativeMemoryBehind() {
    harness.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(ownersBefore);
  }

  @Test
  void givesEveryUtteranceWhatItGetsAlone() {
    // Given
    start(3);
    List<Prompt> prompts = new ArrayList<>();
    List<SynthesisOptions> options = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      prompts.add(i % 2 == 0 ? harness.prompt("Number " + i, 1, i) : harness.prompt("Plain " + i));
      options.add(new SynthesisOptions(2 + 3 * i, 0.8f, i % 3 == 0 ? 1 : 20, i));
    }

    // When
    List<CompletableFuture<Speech>> speeches = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      speeches.add(harness.submit(prompts.get(i), options.get(i)));
    }

    // Then
    try (LoadedModel reference =
        new LoadedModel(Path.of("src/test/fixtures/csm-tiny"), GenerationSettings.defaults())) {
      for (int i = 0; i < 7; i++) {
        Speech speech = speeches.get(i).join();
        assertThat(speech.codes())
            .isEqualTo(
                reference
                    .generator
                    .generate(prompts.get(i), options.get(i), FrameListener.KEEP_GOING)
                    .codes());
        assertThat(speech.audio().samples())
            .containsExactly(
                harness.codec.decoder().decode(speech.codes()).samples(), within(1e-4f));
      }
    }
    EngineStatistics statistics = harness.engine.statistics();
    assertThat(statistics.frames()).isEqualTo(2 + 5 + 8 + 11 + 14 + 17 + 20);
    assertThat(statistics.steps()).isLessThan(statistics.frames());
    assertThat(statistics.stepNanos()).isPositive();
  }

  @Test
  void givesTheRunningAFrameAfterEveryChunkOfANewPrompt() {
    // Given
    start(2);
    Prompt newcomer = harness.longPrompt(5 * CHUNK, 1);
    int chunks = (newcomer.positions() + CHUNK - 1) / CHUNK;
    AtomicInteger running = new AtomicInteger();
    List<Integer> seen = new ArrayList<>();
    List<CompletableFuture<Speech>> second = new ArrayList<>();
    FrameListener first =
        frames -> {
          running.set(frames);
          if (frames == 3 && second.isEmpty()) {
            second.add(
                harness.submit(
                    newcomer,
                    SynthesisOptions.greedy(2),
                    Urgency.NORMAL,
                    own -> {
                      if (own == 0) {
                        seen.add(running.get());
                      }
                      return true;
                    }));
          }
          return true;
        };

    // When
    harness
        .submit(harness.prompt("Go on."), SynthesisOptions.sampled(40, 1), Urgency.NORMAL, first)
        .join();
    second.get(0).join();

    // Then
    assertThat(seen).hasSizeGreaterThanOrEqualTo(chunks - 1);
    for (int i = 1; i < seen.size(); i++) {
      assertThat(seen.get(i)).isEqualTo(seen.get(i - 1) + 1);
    }
  }

  @Test
  void prefillsAsManyPromptsBetweenTwoFramesAsFitIntoAChunk() {
    // Given: three prompts of a size of which two fit
    int size = TextPrompts.of(8, 1, 2, 3).positions() - 1;
    harness = new EngineHarness(SETTINGS.withSlots(4).withPrefillChunk(2 * size + size / 2));
    AtomicInteger running = new AtomicInteger();
    List<Integer> framesAtTheirFirst = new ArrayList<>();
    List<CompletableFuture<Speech>> later = new ArrayList<>();
    FrameListener first =
        frames -> {
          running.set(frames);
          while (frames == 3 && later.size() < 3) {
            later.add(
                harness.submit(
                    TextPrompts.of(8, 1, 2, 3),
                    SynthesisOptions.greedy(2),
                    Urgency.NORMAL,
                    own -> {
                      if (own == 1) {
                        framesAtTheirFirst.add(running.get());
                      }
                      return true;
                    }));
          }
          return true;
        };

    // When
    harness
        .submit(harness.prompt("Go on."), SynthesisOptions.greedy(20), Urgency.NORMAL, first)
        .join();
    later.forEach(CompletableFuture::join);

    // Then
    int earliest = framesAtTheirFirst.get(0);
    assertThat(framesAtTheirFirst).containsExactly(earliest, earliest, earliest + 1);
  }

  @Test
  void givesTheSlotOfAStoppedUtteranceToTheNextAtOnce() {
    // Given
    start(1);
    AtomicLong stepsAtFirstFrame = new AtomicLong();
    CompletableFuture<Speech> stopped =
        harness.submit(
            harness.prompt("Stop."),
            SynthesisOptions.greedy(100),
            Urgency.NORMAL,
            frames -> frames < 4);

    // When
    CompletableFuture<Speech> next =
        harness.submit(
            harness.prompt("Next."),
            SynthesisOptions.greedy(3),
            Urgency.NORMAL,
            frames -> {
              if (frames == 1) {
                stepsAtFirstFrame.set(harness.engine.statistics().steps());
              }
              return true;
            });

    // Then
    assertThat(stopped.join().finishReason()).isEqualTo(FinishReason.STOPPED);
    assertThat(stopped.join().codes().frames()).isEqualTo(4);
    assertThat(stopped.join().audio().samples()).hasSize(4 * 1920);
    assertThat(next.join().codes().frames()).isEqualTo(3);
    assertThat(stepsAtFirstFrame).hasValue(5);
  }

  @Test
  void delaysBulkByTheTimeOfAnInteractivePrompt() {
    // Given
    start(1);
    Prompt bulkPrompt = harness.prompt("Whenever.", 1);
    SynthesisOptions bulkOptions = SynthesisOptions.sampled(12, 5);
    final Speech alone = harness.speak(bulkPrompt, bulkOptions);
    AtomicInteger bulkFrames = new AtomicInteger();
    AtomicInteger bulkFramesAtFirstFrame = new AtomicInteger();
    List<CompletableFuture<Speech>> interactive = new ArrayList<>();
    FrameListener urgent =
        frames -> {
          if (frames == 1) {
            bulkFramesAtFirstFrame.set(bulkFrames.get());
          }
          return true;
        };
    FrameListener bulk =
        frames -> {
          bulkFrames.set(frames);
          if (frames == 4 && interactive.isEmpty()) {
            interactive.add(
                harness.submit(
                    harness.longPrompt(6 * CHUNK, 9),
                    SynthesisOptions.greedy(7),
                    Urgency.INTERACTIVE,
                    urgent));
          }
          return true;
        };

    // When
    Speech preempted = harness.submit(bulkPrompt, bulkOptions, Urgency.BULK, bulk).join();

    // Then
    assertThat(interactive.get(0)).isCompleted();
    assertThat(bulkFramesAtFirstFrame.get()).isLessThanOrEqualTo(4 + 1);
    assertThat(harness.engine.statistics().preemptions()).isEqualTo(1);
    assertThat(preempted.codes()).isEqualTo(alone.codes());
    assertThat(preempted.audio().samples()).containsExactly(alone.audio().samples(), within(1e-4f));
  }

  @Test
  void anUtteranceThatIsRaisedIsPreemptedNoMoreAndComesBeforeYoungerOnes() {
    // Given
    start(1);
    Prompt bulkPrompt = harness.prompt("Whenever.", 1);
    SynthesisOptions bulkOptions = SynthesisOptions.sampled(12, 5);
    final Speech alone = harness.speak(bulkPrompt, bulkOptions);
    List<String> order = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Speech>> interactive = new ArrayList<>();
    AtomicBoolean raised = new AtomicBoolean();
    FrameListener second = listener("second", order, frames -> {});
    FrameListener first =
        listener(
            "first",
            order,
            frames -> {
              if (frames == 2 && interactive.size() == 1) {
                interactive.add(
                    harness.submit(
                        harness.prompt("Me too."),
                        SynthesisOptions.greedy(5),
                        Urgency.INTERACTIVE,
                        second));
                raised.set(true);
              }
            });
    FrameListener whenever =
        listener(
            "bulk",
            order,
            frames -> {
              if (frames == 4 && interactive.isEmpty()) {
                interactive.add(
                    harness.submit(
                        harness.prompt("Now."),
                        SynthesisOptions.greedy(5),
                        Urgency.INTERACTIVE,
                        first));
              }
            });
    FrameListener bulk =
        new FrameListener() {
          @Override
          public boolean onFrame(int framesSoFar) {
            return whenever.onFrame(framesSoFar);
          }

          @Override
          public boolean raised() {
            return raised.get();
          }
        };

    // When
    Speech preempted = harness.submit(bulkPrompt, bulkOptions, Urgency.BULK, bulk).join();
    interactive.forEach(CompletableFuture::join);

    // Then
    assertThat(order).containsExactly("bulk", "first", "bulk", "second");
    assertThat(harness.engine.statistics().preemptions()).isEqualTo(1);
    assertThat(preempted.codes()).isEqualTo(alone.codes());
  }

  /** Notes whose frames follow on those of another. */
  private static FrameListener listener(String name, List<String> order, IntConsumer onFrame) {
    AtomicInteger seen = new AtomicInteger();
    return frames -> {
      onFrame.accept(frames);
      if (frames > seen.getAndSet(frames)
          && (order.isEmpty() || !order.get(order.size() - 1).equals(name))) {
        order.add(name);
      }
      return true;
    };
  }

  @Test
  void runsPromptsByUrgencyAndThenByAge() {
    // Given
    start(5);
    List<String> order = new ArrayList<>();
    List<CompletableFuture<Speech>> later = new ArrayList<>();
    FrameListener first =
        frames -> {
          if (later.isEmpty()) {
            later.add(submitNamed("bulk", Urgency.BULK, order));
            later.add(submitNamed("normal 1", Urgency.NORMAL, order));
            later.add(submitNamed("normal 2", Urgency.NORMAL, order));
            later.add(submitNamed("interactive", Urgency.INTERACTIVE, order));
          }
          return true;
        };

    // When
    harness
        .submit(harness.prompt("First."), SynthesisOptions.greedy(30), Urgency.NORMAL, first)
        .join();
    later.forEach(CompletableFuture::join);

    // Then
    assertThat(order).containsExactly("interactive", "normal 1", "normal 2", "bulk");
  }

  private CompletableFuture<Speech> submitNamed(String name, Urgency urgency, List<String> order) {
    FrameListener listener =
        frames -> {
          if (frames == 1) {
            order.add(name);
          }
          return true;
        };
    return harness.submit(harness.longPrompt(20, 1), SynthesisOptions.greedy(3), urgency, listener);
  }

  @Test
  void aListenerThatThrowsEndsOnlyItsOwnUtterance() {
    // Given
    start(2);
    CompletableFuture<Speech> bad =
        harness.submit(
            harness.prompt("Bad."),
            SynthesisOptions.greedy(9),
            Urgency.NORMAL,
            frames -> {
              if (frames == 2) {
                throw new UnsupportedOperationException("listener");
              }
              return true;
            });

    // When
    CompletableFuture<Speech> good =
        harness.submit(harness.prompt("Good."), SynthesisOptions.greedy(9));

    // Then
    assertThatThrownBy(bad::join).hasRootCauseMessage("listener");
    assertThat(good.join().codes().frames()).isEqualTo(9);
  }

  @Test
  void aPromptThatCannotBeRunEndsOnlyItsOwnUtterance() {
    // Given
    start(2);
    Prompt unknownText = TextPrompts.of(8, 1, 1_000_000, 2);

    // When
    CompletableFuture<Speech> bad = harness.submit(unknownText, SynthesisOptions.greedy(9));
    CompletableFuture<Speech> good =
        harness.submit(harness.prompt("Good."), SynthesisOptions.greedy(9));

    // Then
    assertThatThrownBy(bad::join).cause().isExactlyInstanceOf(IllegalStateException.class);
    assertThat(good.join().codes().frames()).isEqualTo(9);
  }

  @Test
  void aStepThatFailsBreaksTheEngineForAll() {
    // Given
    start(2);
    List<CompletableFuture<Speech>> others = new ArrayList<>();
    FrameListener listener =
        frames -> {
          if (frames == 2 && others.isEmpty()) {
            Prompt failsInItsFirstStep = TextPrompts.of(8, 1_000_000);
            others.add(harness.submit(failsInItsFirstStep, SynthesisOptions.greedy(9)));
          }
          return true;
        };

    // When
    CompletableFuture<Speech> running =
        harness.submit(
            harness.prompt("Go."), SynthesisOptions.greedy(500), Urgency.NORMAL, listener);

    // Then
    assertThatThrownBy(running::join).hasCauseInstanceOf(EngineBrokenException.class);
    assertThatThrownBy(others.get(0)::join).hasCauseInstanceOf(EngineBrokenException.class);
    assertThatThrownBy(harness.submit(harness.prompt("Next."), SynthesisOptions.greedy(1))::join)
        .hasCauseInstanceOf(EngineBrokenException.class);
  }

  @Test
  void aLostDeviceEndsAllUtterances() {
    // Given
    start(2);
    CompletableFuture<Speech> neighbour =
        harness.submit(harness.prompt("Me too."), SynthesisOptions.greedy(500));
    FrameListener meets =
        frames -> {
          if (frames == 2) {
            throw new IllegalStateException(
                new EngineException("CUDA error: unspecified launch failure"));
          }
          return true;
        };

    // When
    CompletableFuture<Speech> first =
        harness.submit(harness.prompt("Go."), SynthesisOptions.greedy(500), Urgency.NORMAL, meets);

    // Then
    assertThatThrownBy(first::join).hasCauseInstanceOf(EngineBrokenException.class);
    assertThatThrownBy(neighbour::join).hasCauseInstanceOf(EngineBrokenException.class);
    assertThatThrownBy(harness.submit(harness.prompt("Next."), SynthesisOptions.greedy(1))::join)
        .hasCauseInstanceOf(EngineBrokenException.class);
  }

  @Test
  void closingFailsAllUnfinishedUtterances() throws InterruptedException {
    // Given: one of each state
    start(1);
    CountDownLatch interactiveRuns = new CountDownLatch(1);
    List<CompletableFuture<Speech>> speeches = new ArrayList<>();
    FrameListener bulk =
        frames -> {
          if (frames == 2 && speeches.isEmpty()) {
            speeches.add(
                harness.submit(
                    harness.prompt("Now."),
                    SynthesisOptions.sampled(2000, 1),
                    Urgency.INTERACTIVE,
                    own -> {
                      if (own == 2) {
                        interactiveRuns.countDown();
                      }
                      return true;
                    }));
          }
          return true;
        };
    final CompletableFuture<Speech> preempted =
        harness.submit(
            harness.prompt("Later.", 1), SynthesisOptions.sampled(1900, 2), Urgency.BULK, bulk);
    final CompletableFuture<Speech> waiting =
        harness.submit(
            harness.prompt("Last."),
            SynthesisOptions.greedy(9),
            Urgency.BULK,
            FrameListener.KEEP_GOING);
    interactiveRuns.await();

    // When
    harness.engine.close();

    // Then
    speeches.addAll(List.of(preempted, waiting));
    for (CompletableFuture<Speech> speech : speeches) {
      assertThatThrownBy(speech::join)
          .cause()
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("the speech model is closed");
    }
    assertThatThrownBy(
            harness.submit(harness.prompt("Too late."), SynthesisOptions.greedy(1))::join)
        .hasRootCauseMessage("the speech model is closed");
  }

  @Test
  void accountsForWhatItHoldsAndGivesItBack() {
    // Given
    start(4);
    SlotMemory slot = SlotMemory.of(harness.checkpoint.config(), Float.BYTES);
    List<EngineStatistics> during = new ArrayList<>();
    FrameListener listener =
        frames -> {
          if (frames == 2) {
            during.add(harness.engine.statistics());
          }
          return true;
        };

    // When
    harness
        .submit(harness.prompt("Hello."), SynthesisOptions.greedy(4), Urgency.NORMAL, listener)
        .join();

    // Then
    EngineStatistics.Memory memory = during.get(0).memory();
    assertThat(during.get(0).running()).isEqualTo(1);
    assertThat(memory.slotBytes()).isEqualTo(slot.slotBytes());
    assertThat(memory.cacheBytes()).isEqualTo(256 * slot.bytesPerPosition() + slot.depthBytes());
    assertThat(memory.codecBytes()).isEqualTo(slot.codecBytes());
    EngineStatistics after = harness.engine.statistics();
    assertThat(
            after.running()
                + after.prefilled()
                + after.preempted()
                + after.prefilling()
                + after.waiting())
        .isZero();
    assertThat(after.memory().cacheBytes()).isZero();
    assertThat(after.memory().codecBytes()).isZero();
    assertThat(after.memory().pendingBytes()).isZero();
  }
}
