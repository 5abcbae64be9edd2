package dev.utter.speech.measure;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.FrameTrace;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.FrameEnding;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.TorchEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Generates the frames of one utterance at a time: prefill, then steps until the end.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class FrameGenerator implements AutoCloseable {

  private static final int SLOT = 0;

  private final CsmProgram program;
  private final CsmConfig config;
  private final int prefillChunk;
  private final EndingSettings endings;
  private int capacity;

  private FrameGenerator(
      CsmProgram program, CsmConfig config, int prefillChunk, EndingSettings endings) {
    this.program = program;
    this.config = config;
    this.prefillChunk = prefillChunk;
    this.endings = endings;
  }

  /** Loads the language model of a checkpoint. */
  public static FrameGenerator load(
      TorchEngine engine,
      Checkpoint checkpoint,
      GenerationSettings settings,
      EndingSettings endings) {
    return new FrameGenerator(
        CsmProgram.load(engine, checkpoint),
        checkpoint.config(),
        settings.prefillChunk(engine),
        endings);
  }

  /**
   * Generated frames.
   *
   * @param codes the frames to decode, the ending frame left out
   * @param finishReason why it ended
   * @param prefillTime time the prompt took
   * @param generationTime time the frames took
   */
  public record Frames(
      AudioCodes codes, FinishReason finishReason, Duration prefillTime, Duration generationTime) {}

  /** Maximum number of frames after a prompt; below 1 if the prompt alone is too long. */
  public int maxFrames(Prompt prompt) {
    return config.backbone().maxPositions() - prompt.positions();
  }

  /**
   * Generates.
   *
   * @throws ContextTooLongException if prompt and frames need more positions than there are
   * @throws EmptyAudioException if the first frame is the end
   */
  public Frames generate(Prompt prompt, SynthesisOptions options, FrameListener listener) {
    return generate(prompt, options, listener, Optional.empty());
  }

  /** Generates, and reports the numbers of every frame, the ending one included. */
  public Frames generateTraced(
      Prompt prompt, SynthesisOptions options, Consumer<FrameTrace> tracer) {
    program.trace(true);
    try {
      return generate(prompt, options, FrameListener.KEEP_GOING, Optional.of(tracer));
    } finally {
      program.trace(false);
    }
  }

  /**
   * Teacher forcing: continues with the given frames instead of sampled ones. Returns the numbers
   * of each.
   *
   * @throws ContextTooLongException if prompt and frames need more positions than there are
   */
  public List<FrameTrace> follow(Prompt prompt, AudioCodes path) {
    int[] codes = path.values();
    int width = path.codebooks();
    SynthesisOptions options = SynthesisOptions.greedy(path.frames());
    List<FrameTrace> traces = new ArrayList<>();
    requireRoom(prompt, options);
    program.trace(true);
    try (KeyValues keyValues = program.newKeyValues(prompt.positions() - 1)) {
      prefill(keyValues, prompt, FrameListener.KEEP_GOING);
      join(keyValues, prompt, options);
      for (int frame = 0; frame < path.frames(); frame++) {
        program.forceCodes(Arrays.copyOfRange(codes, frame * width, (frame + 1) * width));
        program.stepAlone(prompt.positions() + frame, program.topK(options));
        traces.add(program.latestTrace());
      }
    } finally {
      program.stopForcing();
      program.trace(false);
    }
    return traces;
  }

  private void requireRoom(Prompt prompt, SynthesisOptions options) {
    if (options.maxFrames() > maxFrames(prompt)) {
      throw new ContextTooLongException(
          prompt.positions(), options.maxFrames(), config.backbone().maxPositions());
    }
  }

  private Frames generate(
      Prompt prompt,
      SynthesisOptions options,
      FrameListener listener,
      Optional<Consumer<FrameTrace>> tracer) {
    requireRoom(prompt, options);
    long begin = System.nanoTime();
    FrameEnding ending =
        new FrameEnding(endings, config.codec(), prompt.spokenTokens(), options.maxFrames());
    FinishReason reason = FinishReason.STOPPED;
    long prefillEnd;
    try (KeyValues keyValues = program.newKeyValues(prompt.positions() - 1)) {
      boolean prefilled = prefill(keyValues, prompt, listener);
      prefillEnd = System.nanoTime();
      if (prefilled) {
        join(keyValues, prompt, options);
        reason = frames(prompt, options, listener, tracer, ending);
      }
    }
    if (ending.count() == 0 && reason == FinishReason.END_OF_AUDIO) {
      throw new EmptyAudioException();
    }
    return new Frames(
        new AudioCodes(config.codebooks(), ending.codes()),
        reason,
        Duration.ofNanos(prefillEnd - begin),
        Duration.ofNanos(System.nanoTime() - prefillEnd));
  }

  private boolean prefill(KeyValues keyValues, Prompt prompt, FrameListener listener) {
    for (int from = 0; from < keyValues.positions(); from += prefillChunk) {
      if (!listener.onFrame(0)) {
        return false;
      }
      int to = Math.min(keyValues.positions(), from + prefillChunk);
      program.prefill(keyValues, prompt, from, to);
    }
    return true;
  }

  private void join(KeyValues keyValues, Prompt prompt, SynthesisOptions options) {
    int last = prompt.positions() - 1;
    int wanted = prompt.positions() + options.maxFrames();
    if (wanted > capacity) {
      program.reserve(1, wanted);
      capacity = wanted;
    }
    program.join(SLOT, keyValues, prompt.rows(last, last + 1), last, 0, options);
  }

  private FinishReason frames(
      Prompt prompt,
      SynthesisOptions options,
      FrameListener listener,
      Optional<Consumer<FrameTrace>> tracer,
      FrameEnding ending) {
    Optional<FinishReason> reason = Optional.empty();
    while (reason.isEmpty()) {
      if (!listener.onFrame(ending.count())) {
        return FinishReason.STOPPED;
      }
      int maxLength = prompt.positions() + ending.count();
      int[] frame = program.stepAlone(maxLength, program.topK(options));
      tracer.ifPresent(consumer -> consumer.accept(program.latestTrace()));
      reason = ending.add(frame);
    }
    return reason.get();
  }

  @Override
  public void close() {
    program.close();
  }
}
