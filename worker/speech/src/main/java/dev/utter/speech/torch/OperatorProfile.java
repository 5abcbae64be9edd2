package dev.utter.speech.torch;

import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;

/**
 * libtorch's own profiler. It sees the operators the calling thread runs and the functions of the
 * {@link TorchProgram}s they are called from, by their names in the source.
 *
 * <p>Threading: one profile at a time in a process.
 */
public final class OperatorProfile {

  private OperatorProfile() {}

  /**
   * Runs the work and writes what it called, as Chrome's trace viewer reads it: an array of
   * complete events ({@code "ph": "X"}) with name, thread, start and duration in microseconds of
   * the processor's time, and the shapes of its tensors, children before parents.
   *
   * @param trace file to write, replaced if it is there
   * @throws ai.djl.engine.EngineException if a profile is being taken already
   */
  public static void record(TorchEngine engine, Path trace, Runnable work) {
    JniUtils.startProfile(engine.device().isGpu(), true, false);
    try {
      work.run();
    } finally {
      JniUtils.stopProfile(trace.toString());
    }
  }
}
