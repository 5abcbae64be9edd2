package dev.utter.speech.watermark.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Passes take the memory that is computed for them. */
final class PassMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");
  private static final int SAMPLES = 15 * 44_100;
  private static final long MIB = 1L << 20;

  /** The Java heap, which grows beside the pass, and what the allocator keeps. */
  private static final long BESIDE = 96 * MIB;

  private final HyperParameters numbers = PublishedSizes.NUMBERS;
  private final WatermarkTensors tensors = PublishedSizes.tensors(1);
  private final PassMemory memory = new PassMemory(NetworkSizes.of(tensors), numbers);

  @Test
  void theLongestPassesFollowFromThePublishedSizes() {
    // 96 channels of 2049 frequencies and 1940 frames, and 128 of 1024 and 3878.
    assertThat(memory.embedBytes(90 * 44_100)).isBetween(1_520 * MIB, 1_700 * MIB);
    assertThat(memory.lookBytes(180 * 44_100)).isBetween(1_930 * MIB, 2_060 * MIB);
    assertThat(memory.limitBytes()).isEqualTo(memory.lookBytes(180 * 44_100));
    assertThat(memory.totalBytes(true))
        .isBetween(
            memory.limitBytes() + memory.embedBytes(90 * 44_100),
            memory.limitBytes() + memory.embedBytes(90 * 44_100) + 128 * MIB);
    assertThat(memory.totalBytes(false))
        .isBetween(memory.limitBytes(), memory.limitBytes() + 128 * MIB);
  }

  @Test
  void thePeakOfAPassIsWithinItsComputedMemory() throws IOException {
    assumeTrue(Files.isWritable(RESET), "only Linux reports the peak of a process");
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    float[] samples = Noise.speechLike(1, SAMPLES);
    try (WatermarkNetworks networks =
        WatermarkNetworks.load(engine, tensors, numbers, Convolution.EXACT)) {
      // The work areas of the convolution stay with the thread and do not belong to a pass.
      networks.logits(Noise.speechLike(1, 44_100), LookPrecision.EXACT, PassPriority.NORMAL);
      long[] message = Symbols.of(numbers);
      networks.embed(Noise.speechLike(1, 44_100), message, 63, PassPriority.NORMAL);

      // When
      long embed = peakOf(() -> networks.embed(samples, message, 63, PassPriority.NORMAL));
      long look = peakOf(() -> networks.logits(samples, LookPrecision.EXACT, PassPriority.NORMAL));

      // Then
      assertThat(embed)
          .isBetween(memory.embedBytes(SAMPLES) / 2, memory.embedBytes(SAMPLES) + BESIDE);
      assertThat(look).isBetween(memory.lookBytes(SAMPLES) / 2, memory.lookBytes(SAMPLES) + BESIDE);
    }
  }

  private static long peakOf(Runnable work) throws IOException {
    Files.writeString(RESET, "5");
    long before = bytes("VmRSS");
    work.run();
    return bytes("VmHWM") - before;
  }

  private static long bytes(String field) throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
