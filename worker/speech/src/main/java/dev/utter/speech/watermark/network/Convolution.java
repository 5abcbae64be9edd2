package dev.utter.speech.watermark.network;

import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.program.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the networks convolve. It is fixed by the kind of processor, not measured at each start, so
 * that all workers of one kind compute the same numbers. {@code docs/decisions} has the
 * measurements.
 *
 * @param winograd whether 32-bit convolutions are NNPACK's (Winograd's algorithm), where it is
 *     there; else libtorch's own choice, which is oneDNN's direct one
 * @param reduced the type of reduced looks; empty if there is none that is faster
 */
record Convolution(boolean winograd, Optional<TensorType> reduced) {
  /** NNPACK's, all looks exact. */
  static final Convolution EXACT = new Convolution(true, Optional.empty());

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  /** Processors that multiply bfloat16 in hardware, by Linux's names. */
  private static final Set<String> BFLOAT16_FLAGS = Set.of("avx512_bf16", "amx_bf16");

  static Convolution of(TorchEngine engine) {
    if (engine.device().isGpu()) {
      // The same type, but products of 10 bits (TF32).
      return new Convolution(false, Optional.of(TensorType.FLOAT32));
    }
    if (!engine.isCpu()) {
      return new Convolution(false, Optional.empty());
    }
    try {
      return ofProcessor(Files.readString(PROCESSOR));
    } catch (IOException e) {
      return EXACT;
    }
  }

  /**
   * The one for a processor.
   *
   * @param description the contents of {@code /proc/cpuinfo}
   */
  static Convolution ofProcessor(String description) {
    Set<String> flags =
        description
            .lines()
            .filter(line -> line.startsWith("flags"))
            .flatMap(line -> Arrays.stream(line.split("[\\s:]+")))
            .collect(Collectors.toSet());
    return BFLOAT16_FLAGS.stream().anyMatch(flags::contains)
        ? new Convolution(true, Optional.of(TensorType.BFLOAT16))
        : EXACT;
  }
}
