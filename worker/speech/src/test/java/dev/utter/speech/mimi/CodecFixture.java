package dev.utter.speech.mimi;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** A loaded codec with the reference program's numbers for it. */
final class CodecFixture implements AutoCloseable {

  private final MimiCodec codec;
  private final int sampleRate;
  private final Map<String, StoredTensor> reference;

  CodecFixture(Path directory, String referenceFile) {
    this(directory, referenceFile, false);
  }

  CodecFixture(Path directory, String referenceFile, boolean together) {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    Checkpoint checkpoint = Checkpoint.open(directory);
    codec = MimiCodec.load(engine, checkpoint, together);
    sampleRate = checkpoint.config().codec().sampleRate();
    reference = TinyCheckpoint.numbers(directory.resolve(referenceFile));
  }

  MimiEncoder encoder() {
    return codec.encoder();
  }

  MimiDecoder decoder() {
    return codec.decoder();
  }

  AudioClip clip(String name) {
    return new AudioClip(samples(name), sampleRate);
  }

  float[] samples(String name) {
    return TinyCheckpoint.floats(reference.get(name));
  }

  /** Codes stored as (codebooks, frames). */
  AudioCodes codes(String name) {
    StoredTensor stored = reference.get(name);
    long[] values = Arrays.stream(TinyCheckpoint.ints(stored)).asLongStream().toArray();
    return CodeArrays.toAudioCodes(values, Math.toIntExact(stored.shape().get(0)));
  }

  /** Codes stored as (frames, codebooks). */
  AudioCodes generatedCodes(String name) {
    StoredTensor stored = reference.get(name);
    return new AudioCodes(Math.toIntExact(stored.shape().get(1)), TinyCheckpoint.ints(stored));
  }

  @Override
  public void close() {
    codec.close();
  }
}
