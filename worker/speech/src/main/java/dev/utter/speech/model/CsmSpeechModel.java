package dev.utter.speech.model;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.FrameListener;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Resampler;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.csm.FrameGenerator;
import dev.utter.speech.csm.FrameGenerator.Frames;
import dev.utter.speech.csm.GenerationSettings;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.TorchEngine;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** CSM with its codec and tokenizer. The frame loop is guarded by a lock; all else is shared. */
final class CsmSpeechModel implements SpeechModel {

  private static final Logger LOGGER = LoggerFactory.getLogger(CsmSpeechModel.class);

  private final ModelDescription description;
  private final TextTokenizer tokenizer;
  private final PromptLayout layout;
  private final MimiCodec codec;
  private final FrameGenerator generator;
  private final Lock generating = new ReentrantLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  private CsmSpeechModel(
      Checkpoint checkpoint, TextTokenizer tokenizer, MimiCodec codec, FrameGenerator generator) {
    this.description = describe(checkpoint);
    this.tokenizer = tokenizer;
    this.layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
    this.codec = codec;
    this.generator = generator;
  }

  static CsmSpeechModel load(
      TorchEngine engine, Checkpoint checkpoint, GenerationSettings settings) {
    long begin = System.nanoTime();
    TextTokenizer tokenizer = null;
    MimiCodec codec = null;
    FrameGenerator generator = null;
    try {
      tokenizer = TextTokenizer.load(checkpoint.directory(), checkpoint.config().bosId());
      codec = MimiCodec.load(engine, checkpoint);
      generator = FrameGenerator.load(engine, checkpoint, settings);
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
  public Speech speak(Utterance utterance, SynthesisOptions options, FrameListener listener) {
    requireOpen();
    Prompt prompt = layout.layOut(utterance);
    Frames frames = generate(prompt, options, listener);
    long begin = System.nanoTime();
    AudioClip audio =
        frames.codes().frames() == 0
            ? new AudioClip(new float[0], description.sampleRate())
            : codec.decoder().decode(frames.codes());
    return new Speech(
        audio,
        frames.codes(),
        frames.finishReason(),
        prompt.positions(),
        frames.prefillTime(),
        frames.generationTime(),
        Duration.ofNanos(System.nanoTime() - begin));
  }

  private Frames generate(Prompt prompt, SynthesisOptions options, FrameListener listener) {
    generating.lock();
    try {
      requireOpen();
      return generator.generate(prompt, options, listener);
    } finally {
      generating.unlock();
    }
  }

  /** Freed native memory would take the whole process down. */
  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the speech model is closed");
    }
  }

  @Override
  public void close() {
    generating.lock();
    try {
      if (closed.compareAndSet(false, true)) {
        close(tokenizer, codec, generator);
      }
    } finally {
      generating.unlock();
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
