package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.torch.CpuIsa;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The same request in several processes. */
class RestartTest {

  private static final List<String> PRECISIONS = List.of("FLOAT32", "INT8", "INT4");

  @Test
  void aRestartAndAnotherInstructionSetGiveTheSameSamples() throws Exception {
    // When
    List<String> first = speakInAnotherProcess(Optional.empty());
    List<String> second = speakInAnotherProcess(Optional.empty());
    List<String> withTheLeast = speakInAnotherProcess(Optional.of(CpuIsa.least()));

    // Then
    assertThat(first).hasSameSizeAs(PRECISIONS).allMatch(line -> line.contains(" frames 20 "));
    assertThat(second).isEqualTo(first);
    assertThat(withTheLeast).isEqualTo(first);
  }

  /** What it prints for each of the precisions. */
  private static List<String> speakInAnotherProcess(Optional<CpuIsa> isa)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Speaking.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    isa.ifPresent(one -> builder.environment().put(CpuIsa.VARIABLE, one.name()));
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return printed.lines().filter(line -> line.contains(" frames ")).toList();
  }

  /** The process that speaks: prints numbers of frames and hashes of codes and samples. */
  static final class Speaking {

    private Speaking() {}

    public static void main(String[] arguments) {
      PRECISIONS.forEach(name -> speak(Precision.valueOf(name)));
    }

    private static void speak(Precision precision) {
      EngineSettings engine = EngineSettings.defaults().withPrecision(precision);
      GenerationSettings settings = GenerationSettings.defaults().withSlots(2).withPrefixBytes(0);
      try (EngineHarness harness = new EngineHarness(settings, engine)) {
        Speech speech =
            harness.speak(
                harness.prompt("Hello from Sesame.", 1), SynthesisOptions.sampled(20, 42));
        System.out.printf(
            "%s frames %d codes %d samples %d%n",
            precision,
            speech.codes().frames(),
            speech.codes().hashCode(),
            Arrays.hashCode(speech.audio().samples()));
      }
    }
  }
}
