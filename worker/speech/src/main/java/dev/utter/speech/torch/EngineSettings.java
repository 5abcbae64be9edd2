package dev.utter.speech.torch;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where and how tensors are computed.
 *
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}; default cpu
 * @param threads threads one operation may use on the CPU, 0 for one per processor; default 0.
 *     Process-wide: the last started engine decides
 * @param precision type of weights and activations of the language model; default {@link
 *     Precision#FLOAT32}
 * @param nativeCache folder the native libraries are unpacked into; default DJL's own, below the
 *     home folder. Process-wide: the first started engine decides
 */
public record EngineSettings(
    String device, int threads, Precision precision, Optional<Path> nativeCache) {

  private static final Pattern DEVICE = Pattern.compile("cpu|cuda(:\\d{1,3})?");

  /** Type of weights and activations. */
  public enum Precision {
    /** 32 bit. The only type whose results are compared with the reference implementation. */
    FLOAT32(6),
    /** 16 bit with the range of 32 bit. */
    BFLOAT16(15);

    private final long scalarType;

    Precision(long scalarType) {
      this.scalarType = scalarType;
    }

    /** Torch's number for the type, as {@code torch.to(x, N)} wants it in TorchScript. */
    public long scalarType() {
      return scalarType;
    }
  }

  public EngineSettings {
    if (!DEVICE.matcher(Objects.requireNonNull(device, "device is null")).matches()) {
      throw new IllegalArgumentException("device is '" + device + "', must be cpu, cuda or cuda:N");
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads is " + threads + ", must be 0 or above");
    }
    Objects.requireNonNull(precision, "precision is null");
    Objects.requireNonNull(nativeCache, "nativeCache is null");
  }

  /** One thread per processor, 32 bit, on the CPU. */
  public static EngineSettings defaults() {
    return new EngineSettings("cpu", 0, Precision.FLOAT32, Optional.empty());
  }

  /** These settings with another number of threads. */
  public EngineSettings withThreads(int threads) {
    return new EngineSettings(device, threads, precision, nativeCache);
  }

  /** These settings with another device. */
  public EngineSettings withDevice(String device) {
    return new EngineSettings(device, threads, precision, nativeCache);
  }
}
