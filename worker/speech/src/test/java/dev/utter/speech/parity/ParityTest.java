package dev.utter.speech.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParityTest {

  private static final Path FIXTURES = Path.of("src/test/fixtures");
  private static final EngineSettings ENGINE = EngineSettings.defaults().withThreads(1);

  @ParameterizedTest
  @ValueSource(strings = {"csm-tiny", "csm-newer"})
  void aCheckpointAgreesWithTheReference(String name) {
    // When
    ParityReport report = Parity.run(FIXTURES.resolve(name), ENGINE);

    // Then
    assertThat(report.comparisons()).allSatisfy(c -> assertThat(c.passed()).as("%s", c).isTrue());
    assertThat(report.passed()).isTrue();
    assertThat(report.comparisons())
        .extracting(Comparison::quantity)
        .contains(
            "mimi.utterance_0.codes",
            "mimi.utterance_1.decoded",
            "case.context.input_ids",
            "case.context.codes",
            "case.unicode.codebook0_logits",
            "case.plain.audio",
            "case.plain.finish",
            "backbone.plain.last_hidden",
            "depth.plain.frame0_logits");
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"BFLOAT16", "FLOAT16", "INT8"})
  void aLowerPrecisionChoosesNearlyTheSameCodes(Precision precision) {
    // When
    ParityReport report =
        Parity.run(
            FIXTURES.resolve("csm-tiny"),
            ENGINE.withPrecision(precision).withKernels(Kernels.LIBTORCH));

    // Then
    assertThat(report.comparisons()).allSatisfy(c -> assertThat(c.passed()).as("%s", c).isTrue());
    assertThat(report.comparisons())
        .extracting(Comparison::quantity)
        .contains(
            "case.plain.codes chosen otherwise",
            "case.context.codebook0_logits divergence",
            "depth.plain.frame0_logits divergence",
            "mimi.utterance_0.codes");
    assertThat(report.comparisons())
        .filteredOn(c -> c.quantity().endsWith("divergence"))
        .allSatisfy(c -> assertThat(c.difference()).isPositive());
  }

  @Test
  void aWatermarkNetworkAgreesWithTheReference() {
    // When
    ParityReport report = Parity.run(FIXTURES.resolve("watermark-dev"), ENGINE);

    // Then
    assertThat(report.comparisons()).allSatisfy(c -> assertThat(c.passed()).as("%s", c).isTrue());
    assertThat(report.comparisons())
        .extracting(Comparison::quantity)
        .contains(
            "watermark.codec.resampled",
            "watermark.codec.embedded",
            "watermark.codec.embedded36",
            "watermark.codec.output",
            "watermark.utterance_1.symbols",
            "watermark.utterance_0.key");
  }

  @Test
  void aReferenceThatDiffersIsReported(@TempDir Path folder) throws IOException {
    // Given
    copy(FIXTURES.resolve("csm-newer"), folder);
    Path file = folder.resolve("reference.json");
    Files.writeString(file, Files.readString(file).replace("Hello from", "Hello to"));

    // When
    ParityReport report = Parity.run(folder, ENGINE);

    // Then
    assertThat(report.passed()).isFalse();
    assertThat(report.comparisons())
        .filteredOn(c -> !c.passed())
        .extracting(Comparison::quantity)
        .contains("case.plain.input_ids", "case.plain.codebook0_logits")
        .noneMatch(quantity -> quantity.startsWith("case.context"));
  }

  @Test
  void aFolderWithoutReferenceIsRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> Parity.run(folder, ENGINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to compare");
    assertThatThrownBy(() -> Parity.run(folder.resolve("missing"), ENGINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("missing");
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to.resolve("audio"));
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }
}
