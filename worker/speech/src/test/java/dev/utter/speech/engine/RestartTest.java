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
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same request in several processes. */
class RestartTest {

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "INT8"})
  void aRestartAndAnotherInstructionSetGiveTheSameSamples(Precision precision) throws Exception {
    // When
    String first = speakInAnotherProcess(precision, Optional.empty());
    String second = speakInAnotherProcess(precision, Optional.empty());
    String withAvx2 = speakInAnotherProcess(precision, Optional.of(CpuIsa.AVX2));

    // Then
    assertThat(first).startsWith("frames 20 ");
    assertThat(second).isEqualTo(first);
    assertThat(withAvx2).isEqualTo(first);
  }

  private static String speakInAnotherProcess(Precision precision, Optional<CpuIsa> isa)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Speaking.class.getName(),
                precision.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    isa.ifPresent(one -> builder.environment().put(CpuIsa.VARIABLE, one.name()));
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return printed.lines().reduce((before, last) -> last).orElse("");
  }

  /** The process that speaks: prints the number of frames and hashes of codes and samples. */
  static final class Speaking {

    private Speaking() {}

    public static void main(String[] arguments) {
      EngineSettings engine =
          EngineSettings.defaults().withPrecision(Precision.valueOf(arguments[0]));
      GenerationSettings settings = GenerationSettings.defaults().withSlots(2).withPrefixBytes(0);
      try (EngineHarness harness = new EngineHarness(settings, engine)) {
        Speech speech =
            harness.speak(
                harness.prompt("Hello from Sesame.", 1), SynthesisOptions.sampled(20, 42));
        System.out.printf(
            "frames %d codes %d samples %d%n",
            speech.codes().frames(),
            speech.codes().hashCode(),
            Arrays.hashCode(speech.audio().samples()));
      }
    }
  }
}
