package dev.utter.speech.torch;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.Optional;

/**
 * libtorch's own profiler. It sees the operators the calling thread runs and the functions of the
 * {@link TorchProgram}s they are called from, by their names in the source. With the native library
 * it also sees the work of a GPU.
 *
 * <p>Threading: one profile at a time in a process.
 */
public final class OperatorProfile {

  private OperatorProfile() {}

  /**
   * Runs the work and writes its calls in the format of Chrome's trace viewer.
   *
   * <p>Without the native library: an array of complete events ({@code "ph": "X"}) with name,
   * thread, start and duration in microseconds of the processor's time, and the shapes of its
   * tensors, children before parents. With it: an object whose {@code traceEvents} are such events,
   * those of a GPU and of the CUDA runtime among them, distinguished by {@code cat} and tied to
   * each other by {@code External id} and {@code correlation}.
   *
   * @param trace file to write, replaced if it is there
   * @param work the work; it waits for the GPU before it returns
   * @throws ai.djl.engine.EngineException if a profile is being taken already
   * @throws IllegalStateException the same, with the native library
   */
  public static void record(TorchEngine engine, Path trace, Runnable work) {
    Optional<Path> library = engine.settings().nativeLibrary();
    if (library.isPresent()) {
      try (TorchProgram program = NativeLibrary.open(engine, library.get())) {
        recordDevice(engine, program, trace, work);
      }
    } else {
      recordOperators(engine, trace, work);
    }
  }

  private static void recordDevice(
      TorchEngine engine, TorchProgram program, Path trace, Runnable work) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "start_trace", engine.device().isGpu());
      try {
        work.run();
      } finally {
        program.run(scope, "stop_trace", trace.toString());
      }
    }
  }

  private static void recordOperators(TorchEngine engine, Path trace, Runnable work) {
    JniUtils.startProfile(engine.device().isGpu(), true, false);
    try {
      work.run();
    } finally {
      JniUtils.stopProfile(trace.toString());
    }
  }
}
