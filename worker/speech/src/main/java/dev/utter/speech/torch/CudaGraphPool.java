package dev.utter.speech.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Calls that the native library records as CUDA graphs. They share their memory. */
final class CudaGraphPool implements GraphPool {

  private final TorchEngine engine;
  private final TorchProgram program;

  private CudaGraphPool(TorchEngine engine, TorchProgram program) {
    this.engine = engine;
    this.program = program;
  }

  /** Why calls cannot be recorded on this engine's device; empty if they can. */
  static Optional<String> lack(TorchEngine engine) {
    Optional<Path> library = engine.settings().nativeLibrary();
    if (!engine.device().isGpu()) {
      return Optional.of("the device is " + engine.settings().device());
    }
    if (library.isEmpty()) {
      return Optional.of("there is no nativeLibrary");
    }
    try (TorchProgram operators = NativeLibrary.open(engine, library.get())) {
      return operators.runLong("has_graphs") == 1
          ? Optional.empty()
          : Optional.of(library.get() + " was built without CUDA's headers");
    }
  }

  /** An empty pool, on a device that can record. */
  static CudaGraphPool open(TorchEngine engine) {
    TorchProgram program = TorchProgram.load(engine, "graphs");
    CudaGraphPool pool = new CudaGraphPool(engine, program);
    try {
      pool.run("open", engine.device().getDeviceId());
      return pool;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  @Override
  public void record(long key, Function<NDManager, NDArray> call) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "begin");
      try {
        program.run(scope, "end", key, call.apply(scope));
      } catch (RuntimeException e) {
        abort(scope, e);
        throw e;
      }
    }
  }

  private void abort(NDManager scope, RuntimeException cause) {
    try {
      program.run(scope, "abort");
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public NDArray replay(NDManager owner, long key) {
    return program.run(owner, "replay", key).singletonOrThrow();
  }

  @Override
  public void drop(long key) {
    run("drop_one", key);
  }

  @Override
  public void drop() {
    run("drop");
  }

  @Override
  public long bytes() {
    return program.runLong("bytes");
  }

  private void run(String method, Object... arguments) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, method, arguments);
    }
  }

  @Override
  public void close() {
    try {
      run("close");
    } finally {
      program.close();
    }
  }
}
