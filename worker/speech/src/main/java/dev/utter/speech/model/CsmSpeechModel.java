package dev.utter.speech.model;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FrameListener;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Resampler;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.csm.EndingSettings;
import dev.utter.speech.csm.FrameGenerator;
import dev.utter.speech.csm.FrameGenerator.Frames;
import dev.utter.speech.csm.GenerationSettings;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.TorchEngine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** CSM with its codec and tokenizer. One thread generates; all else is shared. */
final class CsmSpeechModel implements SpeechModel {

  private static final Logger LOGGER = LoggerFactory.getLogger(CsmSpeechModel.class);

  private final ModelDescription description;
  private final TextTokenizer tokenizer;
  private final PromptLayout layout;
  private final MimiCodec codec;
  private final FrameGenerator generator;
  private final ExecutorService engine =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "utter-engine"));
  private final Object closing = new Object();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicLong frames = new AtomicLong();
  private volatile boolean closed;

  private CsmSpeechModel(
      Checkpoint checkpoint, TextTokenizer tokenizer, MimiCodec codec, FrameGenerator generator) {
    this.description = describe(checkpoint);
    this.tokenizer = tokenizer;
    this.layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
    this.codec = codec;
    this.generator = generator;
  }

  static CsmSpeechModel load(
      TorchEngine engine,
      Checkpoint checkpoint,
      GenerationSettings settings,
      EndingSettings endings) {
    long begin = System.nanoTime();
    TextTokenizer tokenizer = null;
    MimiCodec codec = null;
    FrameGenerator generator = null;
    try {
      tokenizer = TextTokenizer.load(checkpoint.directory(), checkpoint.config().bosId());
      codec = MimiCodec.load(engine, checkpoint);
      generator = FrameGenerator.load(engine, checkpoint, settings, endings);
      CsmSpeechModel model = new CsmSpeechModel(checkpoint, tokenizer, codec, generator);
      LOGGER
          .atInfo()
          .addKeyValue("model", model.description.name())
          .addKeyValue("revision", model.description.revision())
          .addKeyValue("device", engine.settings().device())
          .addKeyValue("took", Duration.ofNanos(System.nanoTime() - begin))
          .log("Loaded the speech model");
      return model;
    } catch (RuntimeException e) {
      close(tokenizer, codec, generator);
      throw e;
    }
  }

  private static ModelDescription describe(Checkpoint checkpoint) {
    CsmConfig config = checkpoint.config();
    return new ModelDescription(
        CheckpointIdentity.name(checkpoint.directory()),
        CheckpointIdentity.revision(checkpoint),
        config.codec().sampleRate(),
        config.codec().frameSamples(),
        config.codebooks(),
        config.codec().codebookSize(),
        config.backbone().maxPositions());
  }

  @Override
  public ModelDescription description() {
    return description;
  }

  @Override
  public AudioCodes encode(AudioClip clip) {
    requireOpen();
    return codec.encoder().encode(Resampler.resample(clip, description.sampleRate()));
  }

  @Override
  public int maxFrames(Utterance utterance) {
    requireOpen();
    return generator.maxFrames(layout.layOut(utterance));
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public CompletableFuture<Speech> submit(
      Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    long submitted = System.nanoTime();
    waiting.incrementAndGet();
    try {
      return CompletableFuture.supplyAsync(
          () -> {
            waiting.decrementAndGet();
            running.incrementAndGet();
            try {
              return generate(utterance, options, listener, submitted);
            } finally {
              running.decrementAndGet();
            }
          },
          engine);
    } catch (RejectedExecutionException e) {
      waiting.decrementAndGet();
      return CompletableFuture.failedFuture(
          new IllegalStateException("the speech model is closed", e));
    }
  }

  private Speech generate(
      Utterance utterance, SynthesisOptions options, FrameListener listener, long submitted) {
    requireOpen();
    Prompt prompt = layout.layOut(utterance);
    AtomicLong first = new AtomicLong(submitted);
    Frames generated =
        generator.generate(
            prompt,
            options,
            count -> {
              frames.addAndGet(count > 0 ? 1 : 0);
              if (count == 1) {
                first.set(System.nanoTime());
              }
              return !closed && listener.onFrame(count);
            });
    requireOpen();
    long begin = System.nanoTime();
    AudioClip audio =
        generated.codes().frames() == 0
            ? new AudioClip(new float[0], description.sampleRate())
            : codec.decoder().decode(generated.codes());
    return new Speech(
        audio,
        generated.codes(),
        generated.finishReason(),
        prompt.positions(),
        0,
        Duration.ofNanos(first.get() - submitted),
        generated.prefillTime(),
        generated.generationTime(),
        Duration.ofNanos(System.nanoTime() - begin));
  }

  @Override
  public EngineStatistics statistics() {
    return new EngineStatistics(
        slots(),
        waiting.get(),
        0,
        running.get(),
        0,
        frames.get(),
        frames.get(),
        0,
        new EngineStatistics.Prefixes(0, 0, 0, 0, 0, 0, 0),
        new EngineStatistics.Memory(0, 0, 0, 0, 0, 0));
  }

  /** Freed native memory would take the whole process down. */
  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the speech model is closed");
    }
  }

  @Override
  public void close() {
    synchronized (closing) {
      if (!closed) {
        closed = true;
        engine.submit(() -> close(tokenizer, codec, generator));
        engine.shutdown();
      }
    }
    awaitEnd();
  }

  private void awaitEnd() {
    boolean interrupted = false;
    while (!engine.isTerminated()) {
      try {
        engine.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(TextTokenizer tokenizer, MimiCodec codec, FrameGenerator generator) {
    if (generator != null) {
      generator.close();
    }
    if (codec != null) {
      codec.close();
    }
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
