package dev.utter.speech.csm;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.csm.matrix.MatrixKernel;
import dev.utter.speech.csm.matrix.MatrixPlan;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.csm.prepared.PreparedFile;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.CpuOperators;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Compiles the language model's program and gives it the weights of a checkpoint. */
final class CsmLoader {

  /** Queries with keys and values, output, gate with up, down. */
  private static final int MATRICES_PER_LAYER = 4;

  private final TorchEngine engine;
  private final Checkpoint checkpoint;

  CsmLoader(TorchEngine engine, Checkpoint checkpoint) {
    this.engine = engine;
    this.checkpoint = checkpoint;
  }

  /** Loads the prepared weights beside the checkpoint, or else converts its files. */
  CsmProgram load() {
    return loadPrepared(PreparedFile.beside(checkpoint, engine.settings().precision()))
        .orElseGet(() -> load(Optional.empty()));
  }

  /** Loads prepared weights; empty if they are not there or cannot be used, which is logged. */
  Optional<CsmProgram> loadPrepared(Path path) {
    if (!engine.isCpu()) {
      return Optional.empty();
    }
    Optional<PreparedFile> file =
        PreparedFile.find(path, checkpoint, engine.settings().precision());
    try {
      return file.map(this::load);
    } catch (CheckpointException | IllegalStateException e) {
      PreparedFile.logUnused(path, e);
      return Optional.empty();
    }
  }

  /**
   * Loads prepared weights.
   *
   * @throws CheckpointException if the file is damaged or lacks what this processor needs
   * @throws IllegalStateException if libtorch refuses the file
   */
  CsmProgram load(PreparedFile file) {
    return load(Optional.of(file));
  }

  private CsmProgram load(Optional<PreparedFile> prepared) {
    TorchProgram program = compile(engine);
    try {
      CsmWeights weights = new CsmWeights(engine, program, checkpoint);
      CsmProgram loaded =
          new CsmProgram(
              engine,
              program,
              checkpoint.config(),
              prepared.map(weights::handOver).orElseGet(weights::handOver),
              weights.elementBytes(),
              weights.customSteps(),
              prepared.map(PreparedFile::bytes).orElse(0L));
      if (engine.isGpu() && loaded.elementBytes() < Float.BYTES) {
        loaded.storeScores();
      }
      return loaded;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** The program without weights. The caller closes it. */
  static TorchProgram compile(TorchEngine engine) {
    return TorchProgram.load(
        engine, "csm", CpuOperators.replacements(engine.hasCpuOperators()), constants());
  }

  /** The numbers that the program and its parts name. */
  static Map<String, Integer> constants() {
    Map<String, Integer> constants = new HashMap<>();
    constants.put("NO_TEXT", Prompt.NO_TEXT);
    constants.put("MATRICES_PER_LAYER", MATRICES_PER_LAYER);
    constants.put("ROW_RANGES", MatrixPlan.ROW_RANGES);
    constants.put("MANY_ROWS", MatrixPlan.MANY_ROWS);
    constants.put("PLAIN_INT8_BLOCK", MatrixStorage.PLAIN_INT8_BLOCK);
    for (MatrixStorage storage : MatrixStorage.values()) {
      constants.put("STORAGE_" + storage, storage.code());
    }
    for (MatrixKernel kernel : MatrixKernel.values()) {
      constants.put("KERNEL_" + kernel, kernel.code());
    }
    return constants;
  }
}
