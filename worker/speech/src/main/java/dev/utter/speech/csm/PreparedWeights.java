package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.csm.matrix.MatrixPlan;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.csm.prepared.PreparedFile;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import dev.utter.speech.torch.program.TensorType;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Gives a program the weights of a prepared file, mapped and not copied. The map lasts as long as
 * the program holds a part of it.
 */
final class PreparedWeights implements AutoCloseable {

  private final PreparedFile file;
  private final TorchProgram program;
  private final NDManager scope;

  /** One map of the whole file for each type of numbers in it. */
  private final Map<TensorType, NDArray> maps = new EnumMap<>(TensorType.class);

  private PreparedWeights(PreparedFile file, TorchProgram program, NDManager scope) {
    this.file = file;
    this.program = program;
    this.scope = scope;
  }

  /**
   * Maps a file and checks its bytes. The caller closes the result once the program has all parts.
   *
   * @throws CheckpointException if the file is damaged
   * @throws IllegalStateException if it cannot be mapped
   */
  static PreparedWeights map(TorchEngine engine, TorchProgram program, PreparedFile file) {
    PreparedWeights weights = new PreparedWeights(file, program, engine.newScope());
    try {
      // Another map would count the same pages of memory twice.
      TensorType type = weights.type(file.commonest());
      file.requireUndamaged(
          (from, length) ->
              weights.view(type, from, new Shape(length / type.bytes())).toByteBuffer(true));
      return weights;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  /** Name of a matrix: another storage is another matrix. */
  static String matrix(int number, MatrixStorage storage) {
    return "matrix." + number + "." + storage;
  }

  /** Name of a matrix's scales. */
  static String scales(int number, MatrixStorage storage) {
    return matrix(number, storage) + ".scales";
  }

  /** Name of the table of a codebook in the depth decoder. */
  static String depthTable(int codebook) {
    return "depth_table." + codebook;
  }

  /**
   * A tensor of the file, owned by this.
   *
   * @throws CheckpointException if there is none of this name
   */
  NDArray tensor(String name) {
    StoredTensor stored = file.tensor(name);
    return view(type(stored.dtype()), stored.fileOffset().orElseThrow(), stored.shape());
  }

  /**
   * Adds the program's next matrix.
   *
   * @throws CheckpointException if it is not in the file in this storage
   * @throws IllegalStateException if it has another size
   */
  void addMatrix(int number, MatrixPlan plan, long outputs, long inputs) {
    NDList parts = new NDList(tensor(matrix(number, plan.storage())));
    String scales = scales(number, plan.storage());
    if (file.has(scales)) {
      parts.add(tensor(scales));
    }
    program.run(
        scope,
        "add_stored_matrix",
        parts,
        plan.storage().isTransposed(),
        outputs,
        inputs,
        plan.codes());
  }

  /**
   * Adds the tables of the depth decoder, one for each codebook but the last.
   *
   * @param rows rows of each
   * @param width numbers of a row, without its eps tail
   * @throws CheckpointException if one is not in the file
   * @throws IllegalStateException if one has another type or size
   */
  void addDepthTables(int codebooks, TensorType type, long rows, long width) {
    NDList tables = new NDList();
    for (int codebook = 0; codebook < codebooks - 1; codebook++) {
      tables.add(tensor(depthTable(codebook)));
    }
    program.run(scope, "add_stored_depth_tables", tables, type.code(), rows, width);
  }

  /** Numbers of the file from a byte offset on, which is a multiple of their size. */
  private NDArray view(TensorType type, long offset, Shape shape) {
    NDArray map = maps.computeIfAbsent(type, this::map);
    return program
        .run(scope, "mapped", map, offset / type.bytes(), shape.size(), shape.getShape())
        .singletonOrThrow();
  }

  private TensorType type(Dtype dtype) {
    return Stream.of(TensorType.values())
        .filter(type -> type.torchName().equals(dtype.torchName()))
        .findFirst()
        .orElseThrow(
            () -> new CheckpointException(file.path() + ": it has numbers of type " + dtype));
  }

  private NDArray map(TensorType type) {
    return program
        .run(scope, "map_file", file.path().toString(), file.bytes() / type.bytes(), type.code())
        .singletonOrThrow();
  }

  @Override
  public void close() {
    scope.close();
  }
}
