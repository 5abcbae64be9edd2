package dev.utter.speech.model;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.csm.WeightMemory;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;

/** Loads speech models. */
public final class SpeechModels {

  private SpeechModels() {}

  /**
   * Minimum memory of a checkpoint's weights on the device they are loaded to, in bytes; computed
   * from the headers of its files.
   *
   * @throws dev.utter.speech.failure.CheckpointException if the folder holds no checkpoint
   */
  public static long weightBytes(Path folder, SpeechSettings settings) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    return WeightMemory.of(settings.engine(), checkpoint).weightBytes()
        + WeightMemory.codecBytes(checkpoint);
  }

  /**
   * Memory of one utterance of full length in the engine, in bytes; computed from the headers of
   * the checkpoint's files.
   *
   * @throws dev.utter.speech.failure.CheckpointException if the folder holds no checkpoint
   */
  public static long slotBytes(Path folder, SpeechSettings settings) {
    return WeightMemory.of(settings.engine(), Checkpoint.open(folder)).slotBytes();
  }

  /**
   * Loads a CSM checkpoint: configuration, weights of language model and codec, tokenizer.
   *
   * @param folder in transformers' layout or the original one
   * @throws dev.utter.speech.failure.CheckpointException if the folder holds no checkpoint that can
   *     be used; the message names file, tensor or setting
   * @throws IllegalStateException if the native engine cannot start
   */
  public static SpeechModel load(Path folder, SpeechSettings settings) {
    TorchEngine.prepareNativeLibraries(settings.engine());
    Checkpoint checkpoint = Checkpoint.open(folder);
    TorchEngine engine = TorchEngine.start(settings.engine());
    return CsmSpeechModel.load(engine, checkpoint, settings.generation(), settings.endings());
  }
}
