package dev.utter.speech.watermark.network;

import dev.utter.speech.torch.CpuOperators;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.program.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the networks convolve. It is fixed by the kind of processor, not measured at each start, so
 * that all workers of one kind compute the same numbers. {@code docs/decisions} has the
 * measurements.
 *
 * @param algorithm of convolutions in 32 bit
 * @param reduced the type of reduced looks; empty if there is none that is faster
 */
record Convolution(Algorithm algorithm, Optional<TensorType> reduced) {
  /** Who convolves. */
  enum Algorithm {
    /** The CPU operators, with Winograd's algorithm. */
    OPERATORS,
    /** NNPACK where libtorch has it, with Winograd's algorithm. */
    NNPACK,
    /** Libtorch's choice: oneDNN's direct convolution on a CPU. */
    LIBTORCH
  }

  /** Without CPU operators, all looks exact. */
  static final Convolution EXACT = new Convolution(Algorithm.NNPACK, Optional.empty());

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  /** Processors that multiply bfloat16 in hardware, by Linux's names. */
  private static final Set<String> BFLOAT16_FLAGS = Set.of("avx512_bf16", "amx_bf16");

  static Convolution of(TorchEngine engine, NetworkSizes sizes) {
    if (engine.device().isGpu()) {
      // The same type, but products of 10 bits (TF32).
      return new Convolution(Algorithm.LIBTORCH, Optional.of(TensorType.FLOAT32));
    }
    if (!engine.isCpu()) {
      return new Convolution(Algorithm.LIBTORCH, Optional.empty());
    }
    if (engine.hasCpuOperators() && sizes.fitOperators()) {
      return ofOperators();
    }
    try {
      return ofProcessor(Files.readString(PROCESSOR));
    } catch (IOException e) {
      return EXACT;
    }
  }

  /** With the instruction set in use; only where there are CPU operators. */
  static Convolution ofOperators() {
    return new Convolution(
        Algorithm.OPERATORS,
        CpuOperators.multiplyBfloat16() ? Optional.of(TensorType.BFLOAT16) : Optional.empty());
  }

  /**
   * The one for a processor, without CPU operators.
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
        ? new Convolution(Algorithm.NNPACK, Optional.of(TensorType.BFLOAT16))
        : EXACT;
  }

  /** Files that take the place of those that the program refers to. */
  Map<String, String> replacements() {
    return algorithm == Algorithm.OPERATORS
        ? Map.of("watermark.gated", "watermark/gated_native")
        : Map.of();
  }
}
