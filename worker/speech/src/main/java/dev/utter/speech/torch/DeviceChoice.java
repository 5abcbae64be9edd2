package dev.utter.speech.torch;

import dev.utter.speech.torch.EngineSettings.Precision;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The device that a setting takes on this machine.
 *
 * @param name {@code cpu}, {@code cuda}, {@code cuda:N} or {@code mps}
 * @param reason why this one
 */
public record DeviceChoice(String name, String reason) {
  static final String AUTO = "auto";
  static final String CPU = "cpu";
  static final String MPS = "mps";

  private static final String CUDA = "cuda";
  private static final String FIRST = "cuda:0";
  private static final String NAMED = "the setting names it";

  /**
   * Chooses. {@code auto} takes the first CUDA device, else the CPU; an Apple GPU has to be named,
   * since no machine has measured it yet.
   *
   * @param mps whether this machine has an Apple GPU
   * @throws IllegalStateException if a named device is not there; the message has what is
   * @throws IllegalArgumentException if the device does not support the precision
   */
  static DeviceChoice of(EngineSettings settings, CudaFacts cuda, boolean mps) {
    String wanted = settings.device();
    return switch (wanted) {
      case AUTO -> automatic(settings.precision(), cuda);
      case CPU -> new DeviceChoice(CPU, NAMED);
      case MPS -> apple(settings.precision(), cuda, mps);
      default ->
          cuda.lack(wanted, index(wanted))
              .map(lack -> missing(lack, cuda, mps))
              .orElseGet(() -> new DeviceChoice(wanted, NAMED));
    };
  }

  private static DeviceChoice automatic(Precision precision, CudaFacts cuda) {
    if (precision.isForCpu()) {
      return new DeviceChoice(CPU, "precision " + precision + " runs on the CPU only");
    }
    return cuda.absence()
        .map(why -> new DeviceChoice(CPU, why))
        .orElseGet(
            () -> new DeviceChoice(FIRST, "libtorch has CUDA, and a CUDA device can be used"));
  }

  private static DeviceChoice apple(Precision precision, CudaFacts cuda, boolean mps) {
    if (!mps) {
      return missing("device is mps, which Macs with Apple silicon have", cuda, mps);
    }
    if (precision != Precision.FLOAT32) {
      throw new IllegalArgumentException(
          "precision is " + precision + ", but with the device mps it must be FLOAT32");
    }
    return new DeviceChoice(MPS, NAMED);
  }

  private static DeviceChoice missing(String lack, CudaFacts cuda, boolean mps) {
    throw new IllegalStateException(lack + ". Available here: " + available(cuda, mps));
  }

  private static String available(CudaFacts cuda, boolean mps) {
    Stream<String> gpus =
        cuda.absence().isPresent()
            ? Stream.empty()
            : IntStream.range(0, Math.max(1, cuda.devices())).mapToObj(i -> CUDA + ":" + i);
    return Stream.of(Stream.of(CPU), gpus, mps ? Stream.of(MPS) : Stream.<String>empty())
        .flatMap(devices -> devices)
        .collect(Collectors.joining(", "));
  }

  /** The number of a CUDA device. */
  static int index(String name) {
    int colon = name.indexOf(':');
    return colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1));
  }

  /** Whether tensors on the device take memory of the host, not a memory of its own. */
  boolean isOnHost() {
    return !name.startsWith(CUDA);
  }
}
