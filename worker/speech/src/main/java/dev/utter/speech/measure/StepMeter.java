package dev.utter.speech.measure;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.FrameListener;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.FrameSteps;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.FrameEnding;
import dev.utter.speech.engine.Generation;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.engine.Prefill;
import dev.utter.speech.engine.PrefixCache;
import dev.utter.speech.engine.Samples;
import dev.utter.speech.engine.SlotBatch;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.mimi.MimiStream;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.OperatorProfile;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Measures the parts of the engine without its queue. It generates a fixed number of frames for
 * given prompts, and does not stop at the end of the audio.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class StepMeter implements AutoCloseable {

  /** Size of a measurement's prefix cache, in bytes. */
  private static final long PREFIX_BYTES = 1L << 30;

  private final TorchEngine engine;
  private final CsmProgram program;
  private final FrameSteps frameSteps;
  private final CsmConfig config;
  private final MimiCodec codec;
  private final GenerationSettings settings;

  /** Kept from run to run with its recorded steps. */
  private Optional<SlotBatch> batch = Optional.empty();

  private int batchSlots;

  private StepMeter(
      TorchEngine engine,
      CsmProgram program,
      FrameSteps frameSteps,
      CsmConfig config,
      MimiCodec codec,
      GenerationSettings settings) {
    this.engine = engine;
    this.program = program;
    this.frameSteps = frameSteps;
    this.config = config;
    this.codec = codec;
    this.settings = settings;
  }

  /**
   * Loads language model and codec of a checkpoint.
   *
   * @param settings chunk size, frames per decode and use of graphs are used
   */
  public static StepMeter load(
      TorchEngine engine, Checkpoint checkpoint, GenerationSettings settings) {
    MimiCodec codec = MimiCodec.load(engine, checkpoint);
    try {
      CsmProgram program = CsmProgram.load(engine, checkpoint);
      return load(engine, program, checkpoint.config(), codec, settings);
    } catch (RuntimeException e) {
      codec.close();
      throw e;
    }
  }

  private static StepMeter load(
      TorchEngine engine,
      CsmProgram program,
      CsmConfig config,
      MimiCodec codec,
      GenerationSettings settings) {
    try {
      FrameSteps steps = FrameSteps.start(engine, program, settings.graphs());
      return new StepMeter(engine, program, steps, config, codec, settings);
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** Why steps are not replayed from CUDA graphs; empty if they are. */
  public Optional<String> whyNoGraphs() {
    return frameSteps.whyPlain();
  }

  /** Native memory one utterance of full length takes on the device, in bytes. */
  public long slotBytes() {
    return SlotMemory.of(config, program.elementBytes()).slotBytes();
  }

  /** Storage and kernels of matrices, by shape {@code out x in}. */
  public SortedMap<String, String> kernels() {
    return Collections.unmodifiableSortedMap(program.kernels());
  }

  /**
   * One run.
   *
   * @param prefill time all prompts took
   * @param steps time of each step, decoding included; a step gives one frame to every prompt
   * @param codes the generated codes, by prompt
   * @param clips its samples, by prompt; empty if it was not decoded
   */
  public record Run(
      Duration prefill, List<Duration> steps, List<AudioCodes> codes, List<AudioClip> clips) {}

  /**
   * Runs prompts in one batch, each from its first position on.
   *
   * @param audio whether the frames are decoded to samples too, as the engine does
   */
  public Run run(List<Prompt> prompts, SynthesisOptions options, boolean audio) {
    try (PrefixCache none = new PrefixCache(program, 0)) {
      return run(prompts, options, audio, none);
    }
  }

  /**
   * Records every operator call of the last frames of a run, without prefill and decoding.
   *
   * @param options the number of frames, those for warm-up included
   * @param recorded how many of them are recorded, at least 1
   * @param trace file to write; see {@link OperatorProfile}
   */
  public void profile(List<Prompt> prompts, SynthesisOptions options, int recorded, Path trace) {
    int frames = options.maxFrames();
    if (recorded < 1 || recorded > frames) {
      throw new IllegalArgumentException(
          "recorded is " + recorded + ", must be between 1 and the " + frames + " frames");
    }
    List<MimiStream> streams = new ArrayList<>();
    List<Generation> generations = new ArrayList<>();
    SlotBatch slots = batch(prompts.size());
    try (PrefixCache none = new PrefixCache(program, 0)) {
      joinAll(prompts, options, none, streams, generations, slots);
      int[][] codes = new int[prompts.size()][frames * config.codebooks()];
      int before = frames - recorded;
      for (int frame = 0; frame < before; frame++) {
        step(slots, generations, codes, frame);
      }
      OperatorProfile.record(
          engine,
          trace,
          () -> {
            for (int frame = before; frame < frames; frame++) {
              step(slots, generations, codes, frame);
            }
          });
    } finally {
      leaveAll(streams, generations, slots);
    }
  }

  /**
   * Time to the first frame of one prompt.
   *
   * @param miss with an empty prefix cache
   * @param hit with the context in the prefix cache
   */
  public record FirstFrame(Duration miss, Duration hit) {}

  /** Measures the same prompt twice, the second time with its context cached. */
  public FirstFrame firstFrame(Prompt prompt) {
    try (PrefixCache prefixes = new PrefixCache(program, PREFIX_BYTES)) {
      return new FirstFrame(firstFrame(prompt, prefixes), firstFrame(prompt, prefixes));
    }
  }

  private Duration firstFrame(Prompt prompt, PrefixCache prefixes) {
    Run run = run(List.of(prompt), SynthesisOptions.greedy(1), false, prefixes);
    return run.prefill().plus(run.steps().get(0));
  }

  private Run run(
      List<Prompt> prompts, SynthesisOptions options, boolean audio, PrefixCache prefixes) {
    int frames = options.maxFrames();
    List<MimiStream> streams = new ArrayList<>();
    List<Generation> generations = new ArrayList<>();
    SlotBatch slots = batch(prompts.size());
    try {
      long begin = System.nanoTime();
      joinAll(prompts, options, prefixes, streams, generations, slots);
      engine.await();
      long last = System.nanoTime();
      final Duration prefillTime = Duration.ofNanos(last - begin);
      List<Duration> steps = new ArrayList<>();
      int[][] codes = new int[prompts.size()][frames * config.codebooks()];
      List<Samples> samples = prompts.stream().map(prompt -> new Samples()).toList();
      int decoded = 0;
      for (int frame = 0; frame < frames; frame++) {
        step(slots, generations, codes, frame);
        boolean due = frame + 1 - decoded == settings.framesPerDecode() || frame + 1 == frames;
        if (audio && due) {
          decode(streams, codes, decoded, frame + 1, samples);
          decoded = frame + 1;
        }
        long now = System.nanoTime();
        steps.add(Duration.ofNanos(now - last));
        last = now;
      }
      return new Run(
          prefillTime,
          List.copyOf(steps),
          Arrays.stream(codes).map(own -> new AudioCodes(config.codebooks(), own)).toList(),
          audio ? clips(samples) : List.of());
    } finally {
      leaveAll(streams, generations, slots);
    }
  }

  private SlotBatch batch(int slots) {
    if (batch.isEmpty() || slots > batchSlots) {
      int maxPositions = config.backbone().maxPositions();
      batch =
          Optional.of(
              new SlotBatch(
                  program, frameSteps, slots, maxPositions, Optional.empty(), System::nanoTime));
      batchSlots = slots;
    }
    return batch.get();
  }

  private void joinAll(
      List<Prompt> prompts,
      SynthesisOptions options,
      PrefixCache prefixes,
      List<MimiStream> streams,
      List<Generation> generations,
      SlotBatch batch) {
    Prefill prefill = new Prefill(program, prefixes, settings.prefillChunk(engine));
    for (Prompt prompt : prompts) {
      streams.add(codec.decoder().openStream());
      generations.add(generation(prompt, options, generations.size()));
      join(generations.get(generations.size() - 1), prefill, streams, batch);
    }
  }

  private static void leaveAll(
      List<MimiStream> streams, List<Generation> generations, SlotBatch batch) {
    List.copyOf(batch.running()).forEach(batch::leave);
    batch.shrink();
    generations.forEach(Generation::end);
    streams.forEach(MimiStream::close);
  }

  private Generation generation(Prompt prompt, SynthesisOptions options, int number) {
    FrameEnding ending =
        new FrameEnding(
            EndingSettings.NONE, config.codec(), prompt.spokenTokens(), options.maxFrames());
    return new Generation(
        number, prompt, options, Urgency.NORMAL, FrameListener.KEEP_GOING, ending);
  }

  private static void join(
      Generation generation, Prefill prefill, List<MimiStream> streams, SlotBatch batch) {
    prefill.begin(generation);
    while (!prefill.done(generation)) {
      prefill.advance(generation);
    }
    generation.endPrefill(streams.get(streams.size() - 1));
    batch.join(generation);
  }

  private void step(SlotBatch batch, List<Generation> generations, int[][] codes, int frame) {
    List<Optional<int[]>> step = batch.step();
    for (int i = 0; i < generations.size(); i++) {
      int[] own = step.get(i).orElseThrow(() -> new IllegalStateException(CsmProgram.NOT_FINITE));
      generations.get(i).add(own);
      System.arraycopy(own, 0, codes[i], frame * own.length, own.length);
    }
  }

  private void decode(
      List<MimiStream> streams, int[][] codes, int from, int to, List<Samples> samples) {
    int width = config.codebooks();
    List<AudioCodes> due =
        Arrays.stream(codes)
            .map(own -> Arrays.copyOfRange(own, from * width, to * width))
            .map(own -> new AudioCodes(width, own))
            .toList();
    List<float[]> decoded = codec.decoder().decode(streams, due);
    for (int i = 0; i < decoded.size(); i++) {
      samples.get(i).add(decoded.get(i), to - from);
    }
  }

  private List<AudioClip> clips(List<Samples> samples) {
    int rate = config.codec().sampleRate();
    return samples.stream()
        .map(own -> own.joined(own.frames() * config.codec().frameSamples()))
        .map(own -> new AudioClip(own, rate))
        .toList();
  }

  @Override
  public void close() {
    frameSteps.close();
    program.close();
    codec.close();
  }
}
