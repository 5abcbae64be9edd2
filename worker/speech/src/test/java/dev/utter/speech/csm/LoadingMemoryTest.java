package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.DepthDecoderConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Measures what loading a checkpoint's files adds to a process's anonymous memory at its peak.
 * Pages of the mapped files are not counted: the system takes them back when it needs memory, and
 * how many are resident at a moment depends on when Java's collector unmaps them.
 */
class LoadingMemoryTest {

  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir static Path folder;

  private static long weights;

  /** Most of the weights are in the backbone's layers, as in CSM-1B. */
  @BeforeAll
  static void writeCheckpoint() throws IOException {
    assumeTrue(Files.exists(STATUS), "only Linux reports anonymous memory");
    CsmConfig tiny = CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));
    TransformerConfig old = tiny.backbone();
    TransformerConfig backbone =
        new TransformerConfig(
            512, 2048, 12, 8, 2, 64, old.maxPositions(), old.normEps(), old.rope());
    CsmConfig sizes =
        new CsmConfig(
            tiny.codebooks(),
            tiny.vocabularySize(),
            tiny.textVocabularySize(),
            backbone,
            new DepthDecoderConfig(
                tiny.codebooks(), 512, tiny.vocabularySize(), tiny.depthDecoder().transformer()),
            tiny.codec(),
            tiny.codebookEosId(),
            tiny.codebookPadId(),
            tiny.bosId(),
            tiny.audioId(),
            tiny.audioEosId(),
            tiny.dtype());
    Checkpoint random = RandomCheckpoint.of(sizes, 1, folder);
    weights = random.tensors().values().stream().mapToLong(StoredTensor::bytes).sum();
    TinyCheckpoint.describe(folder, backbone);
    SafetensorsWriter.write(folder.resolve("model.safetensors"), random.tensors().values());
    assertThat(weights).isGreaterThan(180_000_000);
  }

  /**
   * Holding 32 bit of all layers beside would not fit. All of Java's heap is resident before the
   * first measurement, so that its growth is in no number.
   */
  @ParameterizedTest
  @CsvSource({"FLOAT32, 1.2", "FLOAT16, 0.75", "INT8, 0.5"})
  void loadingHoldsTheWeightsOnce(Precision precision, double max) throws Exception {
    // When
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms128m",
                "-Xmx128m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Loading.class.getName(),
                folder.toString(),
                precision.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // Freed blocks go back to the system at once. How many the allocator would keep varies.
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "131072");
    Process process = builder.start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    // Then
    assertThat(process.waitFor()).isZero();
    assertThat(Long.parseLong(printed) * 1024. / weights).isBetween(max / 4, max);
  }

  /** The process that loads. Prints how much its peak exceeds the memory it had before, in KiB. */
  static final class Loading {

    private static final AtomicLong PEAK = new AtomicLong();

    private Loading() {}

    public static void main(String[] arguments) throws IOException {
      EngineSettings settings =
          EngineSettings.defaults()
              .withThreads(1)
              .withKernels(EngineSettings.Kernels.LIBTORCH)
              .withPrecision(Precision.valueOf(arguments[1]));
      // The first load takes memory for the library and for Java, which does not count.
      load(settings, TinyCheckpoint.DIRECTORY);
      long before = anonymous();
      Thread watch = new Thread(Loading::watch);
      watch.setDaemon(true);
      watch.start();
      load(settings, Path.of(arguments[0]));
      System.out.println(PEAK.get() - before);
    }

    private static void load(EngineSettings settings, Path folder) {
      CsmProgram.load(TorchEngine.start(settings), Checkpoint.open(folder)).close();
    }

    /** Reads without a pause: a tensor is held for longer than a read takes. */
    private static void watch() {
      while (true) {
        try {
          PEAK.accumulateAndGet(anonymous(), Math::max);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    private static long anonymous() throws IOException {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
