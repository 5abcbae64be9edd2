package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.FrameListener;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.csm.FrameSteps;
import dev.utter.speech.csm.GraphCheck;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.csm.LoadedModel;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.csm.StepShape;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.FrameEnding;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Everything around graphs; graphs themselves need a GPU. */
class FrameStepsTest {

  private static final int FRAMES = 8;

  private static TorchEngine engine;
  private static LoadedModel tiny;

  private final PlainPool pool = new PlainPool();

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    tiny = new LoadedModel(Path.of("src/test/fixtures/csm-tiny"), GenerationSettings.defaults());
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  @Test
  void aShapeIsSteppedPlainlyThenRecordedThenReplayed() {
    // Given
    List<int[]> plain = frames(FrameSteps.plain(engine, tiny.program, "the reference"), 60);

    // When
    List<int[]> replayed = frames(FrameSteps.replayed(engine, tiny.program, pool), 60);

    // Then
    assertThat(replayed.toArray(int[][]::new)).isDeepEqualTo(plain.toArray(int[][]::new));
    assertThat(pool.recordings).isEqualTo(1);
    assertThat(pool.replays).isEqualTo(FRAMES - FrameSteps.WARM_UP);
  }

  @Test
  void longerPromptsAreRecordedAnew() {
    // Given
    FrameSteps steps = FrameSteps.replayed(engine, tiny.program, pool);

    // When
    frames(steps, 253);

    // Then
    assertThat(pool.recordings).as("up to 256 positions, and above").isEqualTo(2);
  }

  @Test
  void aRecordingThatFailsLeavesThePlainSteps() {
    // Given
    PlainPool failing =
        new PlainPool() {
          @Override
          public void record(long key, Function<NDManager, NDArray> call) {
            throw new IllegalStateException("operation not permitted when stream is capturing");
          }
        };
    FrameSteps steps = FrameSteps.replayed(engine, tiny.program, failing);
    List<int[]> plain = frames(FrameSteps.plain(engine, tiny.program, "the reference"), 60);

    // When
    List<int[]> kept = frames(steps, 60);

    // Then
    assertThat(kept.toArray(int[][]::new)).isDeepEqualTo(plain.toArray(int[][]::new));
    assertThat(steps.whyPlain().orElseThrow())
        .contains("slots=1", "cannot be recorded: operation not permitted");
    assertThat(failing.closed).isTrue();
    assertThat(failing.replays).isZero();
  }

  @Test
  void graphsThatGiveTheSameCodesAreUsed() {
    // When
    FrameSteps steps = new GraphCheck(engine, tiny.program).checked(pool);

    // Then
    assertThat(steps.whyPlain()).isEmpty();
    assertThat(pool.replays).isPositive();
    assertThat(steps.bytes()).as("what the check recorded is forgotten").isZero();
  }

  @Test
  void graphsThatGiveOtherCodesAreNotUsed() {
    // Given
    PlainPool wrong =
        new PlainPool() {
          @Override
          public NDArray replay(NDManager owner, long key) {
            NDArray result = super.replay(owner, key);
            return result.add(result.eq(0).toType(result.getDataType(), false));
          }
        };

    // When
    FrameSteps steps = new GraphCheck(engine, tiny.program).checked(wrong);

    // Then
    assertThat(steps.whyPlain().orElseThrow())
        .matches("[1-9]\\d* of 128 codes of replayed steps were different");
    assertThat(wrong.closed).isTrue();
  }

  @Test
  void graphsWhoseNumbersAreNotFiniteAreNotUsed() {
    // Given
    PlainPool broken =
        new PlainPool() {
          @Override
          public NDArray replay(NDManager owner, long key) {
            return super.replay(owner, key).zerosLike();
          }
        };

    // When
    FrameSteps steps = new GraphCheck(engine, tiny.program).checked(broken);

    // Then
    assertThat(steps.whyPlain().orElseThrow()).startsWith("96 of 128 codes");
  }

  @Test
  void withoutALibraryAGpuOrTheWishStepsArePlain() {
    assertThat(FrameSteps.start(engine, tiny.program, true).whyPlain())
        .contains("the device is cpu");
    assertThat(FrameSteps.start(engine, tiny.program, false).whyPlain())
        .contains("graphs is false");
  }

  @Test
  void theStepsThatUtterancesBeginWithAreRecordedBeforeTheFirst() {
    // Given
    FrameSteps steps = FrameSteps.replayed(engine, tiny.program, pool);
    StepShape limits = new StepShape(3, 512, tiny.program.maxTopK());
    steps.forget();
    tiny.program.reserve(0, 0);
    tiny.program.reserve(3, 512);

    // When
    steps.prepare(limits);
    int prepared = pool.recordings;
    int replays = pool.replays;
    List<Optional<int[]>> first = steps.step(3, 200, 50, limits);

    // Then
    assertThat(prepared).as("1, 2 and 3 slots, greedy and sampled").isEqualTo(6);
    assertThat(first).hasSize(3).allMatch(Optional::isPresent);
    assertThat(pool.recordings).isEqualTo(prepared);
    assertThat(pool.replays).isEqualTo(replays + 1);
  }

  @Test
  void theRecordingThatWasNotUsedForTheLongestTimeIsDropped() {
    // Given: one shape more than there may be, the first of them used again
    FrameSteps steps = FrameSteps.replayed(engine, tiny.program, pool);
    int positions = 256;
    tiny.program.reserve(0, 0);
    tiny.program.reserve(1, 1024);
    List<StepShape> shapes = new ArrayList<>();
    for (int i = 0; i <= FrameSteps.MAX_SHAPES; i++) {
      shapes.add(new StepShape(1, positions + i, 1));
    }

    // When
    for (StepShape shape : shapes.subList(0, FrameSteps.MAX_SHAPES)) {
      record(steps, shape);
    }
    int recorded = pool.recordings;
    record(steps, shapes.get(0));
    record(steps, shapes.get(FrameSteps.MAX_SHAPES));
    record(steps, shapes.get(0));
    int kept = pool.recordings;
    record(steps, shapes.get(1));

    // Then
    assertThat(recorded).isEqualTo(FrameSteps.MAX_SHAPES);
    assertThat(kept)
        .as("only the shape that is new is recorded")
        .isEqualTo(FrameSteps.MAX_SHAPES + 1);
    assertThat(pool.recordings).as("the oldest was dropped").isEqualTo(FrameSteps.MAX_SHAPES + 2);
    assertThat(pool.bytes()).isEqualTo(FrameSteps.MAX_SHAPES);
    assertThat(pool.drops).as("never all").isZero();
  }

  @Test
  void cachesAreReservedOnceWhereStepsAreRecorded() {
    // Given
    long owners = NativeMemory.openOwners();
    FrameSteps steps = FrameSteps.replayed(engine, tiny.program, pool);
    SlotBatch batch =
        new SlotBatch(tiny.program, steps, 4, 512, Optional.empty(), System::nanoTime);
    SlotMemory memory = SlotMemory.of(tiny.checkpoint.config(), 4);
    long reserved = batch.bytes(memory) - pool.bytes();
    int drops = pool.drops;
    List<Generation> generations = new ArrayList<>();
    try (MimiCodec codec = MimiCodec.load(engine, tiny.checkpoint)) {
      for (int number = 0; number < 2; number++) {
        generations.add(prefilled(number, tiny.prompt(number, "One, two."), codec));
      }

      // When
      batch.join(generations.get(0));
      steps(batch, 4);
      batch.join(generations.get(1));
      steps(batch, 4);
      generations.forEach(batch::leave);
      batch.shrink();

      // Then
      assertThat(reserved).isEqualTo(4 * (512 * memory.bytesPerPosition() + memory.depthBytes()));
      assertThat(batch.bytes(memory) - pool.bytes()).isEqualTo(reserved);
      assertThat(pool.drops).as("no recording is lost").isEqualTo(drops);
      assertThat(pool.recordings).as("1, 2 and 4 slots, greedy and sampled").isEqualTo(6);
      generations.forEach(Generation::end);
    }
    batch.close();
    assertThat(pool.closed).isTrue();
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
  }

  @Test
  void whatABrokenUtteranceLeavesInItsSlotHarmsNoOther() {
    // Given
    FrameSteps steps = FrameSteps.plain(engine, tiny.program, "exact steps");
    SlotBatch batch =
        new SlotBatch(tiny.program, steps, 2, 512, Optional.empty(), System::nanoTime);
    try (MimiCodec codec = MimiCodec.load(engine, tiny.checkpoint)) {
      Generation broken = prefilled(0, tiny.promptWithContext(60), codec);
      Generation brief = prefilled(1, tiny.prompt(1, "One."), codec);
      Generation late = prefilled(2, tiny.promptWithContext(60), codec);
      NDManager scope = engine.newScope();
      try (KeyValues nan =
          new KeyValues(scope, scope.full(broken.keyValues().tensor().getShape(), Float.NaN), 4)) {
        tiny.program.put(broken.keyValues(), 0, nan);
      }
      batch.join(broken);
      batch.join(brief);
      List<Optional<int[]>> first = batch.step();
      brief.add(first.get(1).orElseThrow());

      // When
      batch.leave(broken);
      batch.join(late);
      List<Optional<int[]>> second = batch.step();

      // Then
      assertThat(first.get(0)).isEmpty();
      assertThat(second).hasSize(2).allMatch(Optional::isPresent);
      List.of(brief, late).forEach(batch::leave);
      batch.shrink();
      List.of(broken, brief, late).forEach(Generation::end);
    }
  }

  private static void steps(SlotBatch batch, int count) {
    for (int step = 0; step < count; step++) {
      List<Optional<int[]>> frames = batch.step();
      for (int slot = 0; slot < frames.size(); slot++) {
        batch.running().get(slot).add(frames.get(slot).orElseThrow());
      }
    }
  }

  private static void record(FrameSteps steps, StepShape shape) {
    for (int step = 0; step <= FrameSteps.WARM_UP; step++) {
      steps.step(1, shape.positions(), shape.topK(), shape);
    }
  }

  private static Generation prefilled(int number, Prompt prompt, MimiCodec codec) {
    SynthesisOptions options = SynthesisOptions.greedy(100);
    FrameEnding ending =
        new FrameEnding(
            EndingSettings.NONE,
            tiny.checkpoint.config().codec(),
            prompt.spokenTokens(),
            options.maxFrames());
    Generation generation =
        new Generation(number, prompt, options, Urgency.NORMAL, FrameListener.KEEP_GOING, ending);
    Prefill prefill = new Prefill(tiny.program, new PrefixCache(tiny.program, 0), 64);
    prefill.begin(generation);
    while (!prefill.done(generation)) {
      prefill.advance(generation);
    }
    generation.endPrefill(codec.decoder().openStream());
    return generation;
  }

  /** Frames of one slot whose prompt has this number of positions. */
  private static List<int[]> frames(FrameSteps steps, int positions) {
    int text = tiny.promptWithContext(20).positions() - 20;
    Prompt prompt = tiny.promptWithContext(positions - text);
    SynthesisOptions options = new SynthesisOptions(FRAMES, 1.1f, 20, 3);
    StepShape limits = new StepShape(1, 512, tiny.program.maxTopK());
    steps.forget();
    tiny.program.reserve(0, 0);
    tiny.program.reserve(1, 512);
    tiny.join(0, prompt, options, 100);
    List<int[]> frames = new ArrayList<>();
    for (int frame = 0; frame < FRAMES; frame++) {
      frames.add(
          steps
              .step(1, prompt.positions() + frame, tiny.program.topK(options), limits)
              .get(0)
              .orElseThrow());
    }
    return frames;
  }
}
