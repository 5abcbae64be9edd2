package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.csm.matrix.KernelPlans;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.csm.prepared.PreparedFile;
import dev.utter.speech.csm.prepared.PreparedFinding;
import dev.utter.speech.csm.prepared.PreparedWriter;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import dev.utter.speech.torch.program.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes the weights of a checkpoint into a file, as a program holds them on this processor. */
public final class WeightPreparation {

  private final TorchEngine engine;
  private final Checkpoint checkpoint;
  private final Precision precision;

  /**
   * @param engine on the CPU, with the precision of the file
   */
  public WeightPreparation(TorchEngine engine, Checkpoint checkpoint) {
    this.engine = engine;
    this.checkpoint = checkpoint;
    this.precision = engine.settings().precision();
  }

  /** Why there is no such file for this engine; empty if there is. */
  public Optional<String> obstacle() {
    if (!engine.isCpu()) {
      return Optional.of("prepared weights are for the CPU");
    }
    MatrixStorage storage = KernelPlans.of(engine).inside(1024, 1024).storage();
    return storage.isOpaque()
        ? Optional.of(
            "libtorch holds " + precision + " weights in objects of its own on this processor")
        : Optional.empty();
  }

  /**
   * The file beside the checkpoint, loaded as a start does, so that an obstacle also is another
   * processor or damage; empty if there is none.
   *
   * @throws CheckpointException if a file of the checkpoint cannot be read
   */
  public Optional<PreparedFinding> find() {
    return PreparedFinding.beside(checkpoint, precision)
        .map(found -> found.obstacle().isPresent() ? found : tried(found));
  }

  private PreparedFinding tried(PreparedFinding found) {
    try {
      PreparedFile file = PreparedFile.open(found.file(), checkpoint, precision);
      new CsmLoader(engine, checkpoint).load(file).close();
      return found;
    } catch (CheckpointException | IllegalStateException e) {
      return found.because(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Writes the file, unless there is one that a start on this machine would use.
   *
   * @return the file's size in bytes; empty if there is one
   * @throws IllegalStateException if there is an {@link #obstacle}, or the free memory is too small
   *     for the weights
   * @throws CheckpointException if the file cannot be written
   */
  public OptionalLong write(Path path) {
    obstacle()
        .ifPresent(
            why -> {
              throw new IllegalStateException(why);
            });
    if (new CsmLoader(engine, checkpoint).loadPrepared(path).map(this::closed).isPresent()) {
      return OptionalLong.empty();
    }
    WeightMemory.of(engine.settings(), checkpoint).require(engine.settings(), engine.freeBytes());
    PreparedWriter writer = PreparedWriter.of(path, checkpoint, precision);
    try (TorchProgram program = CsmLoader.compile(engine);
        NDManager scope = engine.newScope()) {
      CsmWeights weights = new CsmWeights(engine, program, checkpoint);
      weights.handOver();
      return OptionalLong.of(writer.write(tensors(scope, program, path, weights)));
    }
  }

  private boolean closed(CsmProgram program) {
    program.close();
    return true;
  }

  private static List<StoredTensor> tensors(
      NDManager scope, TorchProgram program, Path path, CsmWeights weights) {
    Tensors tensors = new Tensors(scope, program, path);
    List<MatrixStorage> storages = weights.storages();
    for (int i = 0; i < storages.size(); i++) {
      MatrixStorage storage = storages.get(i);
      NDList parts = program.run(scope, "stored_matrix", i, storage.isTransposed());
      tensors.add(PreparedWeights.matrix(i, storage), parts.get(0));
      if (parts.size() > 1) {
        tensors.add(PreparedWeights.scales(i, storage), parts.get(1));
      }
    }
    NDList tables = program.run(scope, "stored_tables");
    for (String name : weights.copiedTables()) {
      tensors.add(name, tables.get(CsmWeights.TABLES.indexOf(name)));
    }
    for (int i = CsmWeights.TABLES.size(); i < tables.size(); i++) {
      tensors.add(PreparedWeights.depthTable(i - CsmWeights.TABLES.size()), tables.get(i));
    }
    return tensors.all;
  }

  /** Tensors of the program, described as those of a file, without a copy. */
  private record Tensors(NDManager scope, TorchProgram program, Path path, List<StoredTensor> all) {

    Tensors(NDManager scope, TorchProgram program, Path path) {
      this(scope, program, path, new ArrayList<>());
    }

    void add(String name, NDArray tensor) {
      TensorType type = TensorType.of(program.runLong("type_of", tensor));
      Dtype dtype =
          Dtype.ofTorchName(type.torchName())
              .orElseThrow(() -> new IllegalStateException("no file has numbers of " + type));
      all.add(
          new StoredTensor(path, name, dtype, tensor.getShape(), () -> tensor.toByteBuffer(true)));
    }
  }
}
