package dev.utter.speech.engine;

import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.FrameSteps;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.csm.WeightMemory;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.FrameEnding;
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.speech.mimi.MimiDecoder;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.TorchEngine;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generates several utterances at the same time by continuous batching: each joins and leaves at a
 * frame boundary. One thread owns the language model.
 *
 * <p>Threading: safe.
 */
public final class SpeechEngine implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(SpeechEngine.class);

  private final TorchEngine torch;
  private final CsmProgram program;
  private final CsmConfig config;
  private final EndingSettings endings;
  private final EngineMemory memory;
  private final EngineLoop loop;
  private final Inbox inbox = new Inbox();
  private final AtomicLong submissions = new AtomicLong();
  private final Thread thread = new Thread(this::run, "utter-engine");

  private SpeechEngine(
      TorchEngine torch,
      CsmProgram program,
      CsmConfig config,
      EndingSettings endings,
      EngineMemory memory,
      EngineLoop loop) {
    this.torch = torch;
    this.program = program;
    this.config = config;
    this.endings = endings;
    this.memory = memory;
    this.loop = loop;
    thread.setDaemon(true);
  }

  /**
   * Loads the language model of a checkpoint and starts.
   *
   * @param decoder codec of the same checkpoint; close it after the engine
   * @throws IllegalArgumentException if the configured memory is too small for the slots
   * @throws IllegalStateException if the free memory is too small for weights and one utterance, or
   *     if strict generation is wanted and no batch size of this device computes all rows alike
   */
  public static SpeechEngine load(
      TorchEngine engine,
      Checkpoint checkpoint,
      MimiDecoder decoder,
      GenerationSettings settings,
      EndingSettings endings) {
    if (settings.memoryBytes().isEmpty()) {
      WeightMemory.of(engine.settings(), checkpoint).require(engine.settings(), engine.freeBytes());
    }
    CsmProgram program = CsmProgram.load(engine, checkpoint);
    try {
      // Before memory is divided, so that recordings do not count as free.
      FrameSteps steps = FrameSteps.start(engine, program, settings.graphs() && !settings.strict());
      CsmConfig config = checkpoint.config();
      SlotMemory slot = SlotMemory.of(config, program.elementBytes());
      EngineMemory division =
          EngineMemory.divide(settings, slot, settings.memoryBytes().orElseGet(engine::freeBytes));
      EngineMemory memory =
          isTimed(engine, settings)
              ? division.withSlots(timedSlots(program, config, division.slots()), slot)
              : division;
      Optional<Integer> bucket =
          settings.strict()
              ? Optional.of(new StrictBatch(program).bucket(memory.slots()))
              : Optional.empty();
      SlotBatch batch =
          new SlotBatch(
              program,
              steps,
              memory.slots(),
              config.backbone().maxPositions(),
              bucket,
              System::nanoTime);
      PrefixCache prefixes = new PrefixCache(program, memory.prefixBytes());
      ClipDecoding decoding =
          new ClipDecoding(decoder, settings.framesPerDecode(), settings.strict());
      EngineLoop loop =
          new EngineLoop(
              batch,
              new Prefill(program, prefixes, settings.prefillChunk(engine)),
              prefixes,
              decoding,
              memory,
              slot,
              config.codec());
      SpeechEngine started = new SpeechEngine(engine, program, config, endings, memory, loop);
      engine.await();
      started.thread.start();
      LOGGER
          .atInfo()
          .addKeyValue("slots", memory.slots())
          .addKeyValue("slotsByMemory", division.slots())
          .addKeyValue("bytesPerSlot", slot.slotBytes())
          .addKeyValue("budgetBytes", memory.budgetBytes())
          .addKeyValue("graphs", steps.whyPlain().map(why -> "not used: " + why).orElse("used"))
          .log("Started the engine");
      return started;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /**
   * Whether the time of steps limits the slots too. On a GPU, plain steps are not those that will
   * run; and strict engines must all have the same number of slots.
   */
  private static boolean isTimed(TorchEngine engine, GenerationSettings settings) {
    return settings.slots().isEmpty() && !settings.strict() && !engine.isGpu();
  }

  /** The number of slots, at most {@code max}, that {@link SlotTimes} finds. */
  private static int timedSlots(CsmProgram program, CsmConfig config, int max) {
    long frameNanos = (long) (1e9 / config.codec().frameRate());
    return SlotTimes.best(slots -> SlotTimes.stepNanos(program, slots), frameNanos, max);
  }

  /** Maximum number of frames after a prompt; below 1 if the prompt alone is too long. */
  public int maxFrames(Prompt prompt) {
    return config.backbone().maxPositions() - prompt.positions();
  }

  /** Utterances generated at the same time. */
  public int slots() {
    return memory.slots();
  }

  /** See {@link dev.utter.speech.SpeechModel#submit}. */
  public CompletableFuture<Speech> submit(
      Prompt prompt, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    if (options.maxFrames() > maxFrames(prompt)) {
      return CompletableFuture.failedFuture(
          new ContextTooLongException(
              prompt.positions(), options.maxFrames(), config.backbone().maxPositions()));
    }
    FrameEnding ending =
        new FrameEnding(endings, config.codec(), prompt.spokenTokens(), options.maxFrames());
    Generation generation =
        new Generation(submissions.getAndIncrement(), prompt, options, urgency, listener, ending);
    inbox.put(generation);
    return generation.future;
  }

  /** Current and total numbers. */
  public EngineStatistics statistics() {
    return loop.statistics().withArrivals(inbox.size());
  }

  private void run() {
    try {
      torch.useOwnStream(true);
      while (inbox.closed().isEmpty()) {
        if (loop.idle()) {
          inbox.await();
        }
        loop.iterate(inbox.take());
      }
    } catch (InterruptedException e) {
      inbox.close(() -> new IllegalStateException("the engine's thread was interrupted", e));
    } catch (RuntimeException | Error e) {
      LOGGER.atError().setCause(e).log("The engine is broken");
      inbox.close(() -> new EngineBrokenException("the engine is broken: " + e, e));
    } finally {
      loop.failAll(inbox.take(), inbox.closed().orElseThrow());
      loop.close();
      program.close();
    }
  }

  /**
   * Stops at the next frame and frees the native memory. Unfinished utterances fail with an {@link
   * IllegalStateException}. Returns when that is done, unless called on the engine's thread.
   * Closing twice does nothing.
   */
  @Override
  public void close() {
    inbox.close(() -> new IllegalStateException("the speech model is closed"));
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
