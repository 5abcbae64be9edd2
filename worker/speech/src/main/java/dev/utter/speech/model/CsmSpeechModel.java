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
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.Companions;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.engine.SpeechEngine;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.DeviceLoss;
import dev.utter.speech.torch.TorchEngine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** CSM with its codec and tokenizer. One thread generates; all else is shared. */
final class CsmSpeechModel implements SpeechModel {

  private static final Logger LOGGER = LoggerFactory.getLogger(CsmSpeechModel.class);

  private final ModelDescription description;
  private final TextTokenizer tokenizer;
  private final PromptLayout layout;
  private final MimiCodec codec;
  private final SpeechEngine engine;
  private final ReadWriteLock closing = new ReentrantReadWriteLock();
  private boolean closed;

  private CsmSpeechModel(
      Checkpoint checkpoint, TextTokenizer tokenizer, MimiCodec codec, SpeechEngine engine) {
    this.description = describe(checkpoint);
    this.tokenizer = tokenizer;
    this.layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
    this.codec = codec;
    this.engine = engine;
  }

  static CsmSpeechModel load(
      TorchEngine torch,
      Checkpoint checkpoint,
      GenerationSettings settings,
      EndingSettings endings) {
    long begin = System.nanoTime();
    TextTokenizer tokenizer = null;
    MimiCodec codec = null;
    SpeechEngine engine = null;
    try {
      tokenizer =
          TextTokenizer.load(
              Companions.tokenizerFolder(checkpoint.directory()), checkpoint.config().bosId());
      codec = MimiCodec.load(torch, checkpoint);
      engine = SpeechEngine.load(torch, checkpoint, codec.decoder(), settings, endings);
      CsmSpeechModel model = new CsmSpeechModel(checkpoint, tokenizer, codec, engine);
      LOGGER
          .atInfo()
          .addKeyValue("model", model.description.name())
          .addKeyValue("revision", model.description.revision())
          .addKeyValue("device", torch.settings().device())
          .addKeyValue("took", Duration.ofNanos(System.nanoTime() - begin))
          .log("Loaded the speech model");
      return model;
    } catch (RuntimeException e) {
      close(tokenizer, codec, engine);
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
    return whileOpen(
        () ->
            DeviceLoss.watch(
                () -> codec.encoder().encode(Resampler.resample(clip, description.sampleRate()))));
  }

  @Override
  public int maxFrames(Utterance utterance) {
    return engine.maxFrames(whileOpen(() -> layout.layOut(utterance)));
  }

  @Override
  public int slots() {
    return engine.slots();
  }

  @Override
  public CompletableFuture<Speech> submit(
      Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    try {
      Prompt prompt = whileOpen(() -> layout.layOut(utterance));
      return engine.submit(prompt, options, urgency, listener);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public EngineStatistics statistics() {
    return engine.statistics();
  }

  /** Runs work if the model is open: use of freed native memory would end the process. */
  private <T> T whileOpen(Supplier<T> work) {
    closing.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the speech model is closed");
      }
      return work.get();
    } finally {
      closing.readLock().unlock();
    }
  }

  @Override
  public void close() {
    engine.close();
    closing.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        close(tokenizer, codec, engine);
      }
    } finally {
      closing.writeLock().unlock();
    }
  }

  private static void close(
      @Nullable TextTokenizer tokenizer, @Nullable MimiCodec codec, @Nullable SpeechEngine engine) {
    if (engine != null) {
      engine.close();
    }
    if (codec != null) {
      codec.close();
    }
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
