package dev.utter.speech.torch;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Where and how tensors are computed.
 *
 * @param device {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:N} or {@code mps}; default
 *     auto takes the first CUDA device that can be used, else the CPU
 * @param threads threads one operation may use on the CPU; empty for one per processor, the
 *     default. Process-wide: the last started engine decides
 * @param precision how the language model's weights are held; default {@link Precision#FLOAT32}
 * @param kernels which kernels are used; default {@link Kernels#CUSTOM}
 * @param nativeCache folder the native libraries are unpacked into; default DJL's own, below the
 *     home folder. Process-wide: the first started engine decides
 * @param nativeLibrary library of custom operators, built for the libtorch in use; default none,
 *     everything works without. Its path has no comma, at which DJL separates several.
 *     Process-wide: the first started engine decides
 * @param tf32 whether 32-bit products and convolutions of a GPU may round their inputs to 10 bits;
 *     needs the native library; default false. Process-wide: the last started engine decides
 */
public record EngineSettings(
    String device,
    OptionalInt threads,
    Precision precision,
    Kernels kernels,
    Optional<Path> nativeCache,
    Optional<Path> nativeLibrary,
    boolean tf32) {

  private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda(:\\d{1,3})?|mps");

  /** How the language model's weights are held. Codec and watermark are always 32 bit. */
  public enum Precision {
    /** 32 bit. The only one whose results are compared with the reference implementation. */
    FLOAT32,
    /** 16 bit with the range of 32 bit, activations too. */
    BFLOAT16,
    /** 16 bit; on the CPU activations stay 32 bit. */
    FLOAT16,
    /**
     * 8 bit with a scale per row, on the CPU only. Heads and projection are 16 bit where the CPU
     * operators are not used.
     */
    INT8,
    /**
     * As {@link #INT8}, but the MLPs of the depth decoder in 4 bit, with a scale for every 32
     * inputs. Without the CPU operators it is the same as {@link #INT8}.
     */
    INT4;

    /** Whether it runs on the CPU only. */
    public boolean isForCpu() {
      return this == INT8 || this == INT4;
    }
  }

  /**
   * Which kernels are used on a CPU. The choice for a matrix follows from precision, processor and
   * shape, so that two processes on machines of the same kind give the same bits.
   */
  public enum Kernels {
    /** The CPU operators where they are available, else libtorch's. */
    CUSTOM,
    /** libtorch's only. */
    LIBTORCH
  }

  public EngineSettings {
    if (!DEVICE.matcher(Objects.requireNonNull(device, "device is null")).matches()) {
      throw new IllegalArgumentException(
          "device is '" + device + "', must be auto, cpu, cuda, cuda:N or mps");
    }
    if (Objects.requireNonNull(threads, "threads is null").orElse(1) < 1) {
      throw new IllegalArgumentException(
          "threads is " + threads.getAsInt() + ", must be at least 1");
    }
    Objects.requireNonNull(precision, "precision is null");
    Objects.requireNonNull(kernels, "kernels is null");
    Objects.requireNonNull(nativeCache, "nativeCache is null");
    Objects.requireNonNull(nativeLibrary, "nativeLibrary is null");
    if (nativeLibrary.isPresent() && nativeLibrary.get().toString().contains(",")) {
      throw new IllegalArgumentException(
          "nativeLibrary is " + nativeLibrary.get() + ", must be a path without commas");
    }
    if (tf32 && nativeLibrary.isEmpty()) {
      throw new IllegalArgumentException("tf32 is true, which needs nativeLibrary");
    }
  }

  /** One thread per processor, 32 bit, on the device that is there. */
  public static EngineSettings defaults() {
    return new EngineSettings(
        DeviceChoice.AUTO,
        OptionalInt.empty(),
        Precision.FLOAT32,
        Kernels.CUSTOM,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** These settings with a fixed number of threads. */
  public EngineSettings withThreads(int count) {
    return withThreads(OptionalInt.of(count));
  }

  /** These settings with another number of threads; empty for one per processor. */
  public EngineSettings withThreads(OptionalInt count) {
    return new EngineSettings(device, count, precision, kernels, nativeCache, nativeLibrary, tf32);
  }

  /** These settings with another device. */
  public EngineSettings withDevice(String device) {
    return new EngineSettings(
        device, threads, precision, kernels, nativeCache, nativeLibrary, tf32);
  }

  /** These settings with another precision. */
  public EngineSettings withPrecision(Precision precision) {
    return new EngineSettings(
        device, threads, precision, kernels, nativeCache, nativeLibrary, tf32);
  }

  /** These settings with another choice of kernels. */
  public EngineSettings withKernels(Kernels kernels) {
    return new EngineSettings(
        device, threads, precision, kernels, nativeCache, nativeLibrary, tf32);
  }

  /** These settings with another library of operators. */
  public EngineSettings withNativeLibrary(Optional<Path> nativeLibrary) {
    return new EngineSettings(
        device, threads, precision, kernels, nativeCache, nativeLibrary, tf32);
  }

  /** These settings with or without TF32. */
  public EngineSettings withTf32(boolean tf32) {
    return new EngineSettings(
        device, threads, precision, kernels, nativeCache, nativeLibrary, tf32);
  }
}
