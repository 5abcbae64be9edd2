package dev.utter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineBenchCommandTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final String MODEL =
      HOME.resolve("worker/speech/src/test/fixtures/csm-tiny").toString();
  private static final String FAKE_PEER =
      HOME.resolve("worker/benchmarks/src/test/resources/dev/utter/benchmarks/engine/fake-peer")
          .toString();

  @TempDir Path folder;

  @Test
  void everySettingGivesALineWithAllItsFigures() throws IOException {
    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "engine",
            MODEL,
            "--batch",
            "1,2",
            "--context",
            "0,20",
            "--frames",
            "3",
            "--rounds",
            "1",
            "--precision",
            "float32,int8",
            "--threads",
            "1",
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonNode> lines = lines(run.out());
    assertThat(lines).hasSize(8);
    for (JsonNode line : lines) {
      assertThat(line.path("framesPerSecondPerStream").asDouble()).isPositive();
      assertThat(line.path("audioSecondsPerSecond").asDouble()).isPositive();
      assertThat(line.path("stepMillisP95").asDouble())
          .isGreaterThanOrEqualTo(line.path("stepMillisP50").asDouble());
      assertThat(line.path("firstFrameMillis").asDouble())
          .isGreaterThan(line.path("prefillMillis").asDouble());
      assertThat(line.path("bytesPerStep").asLong()).isPositive();
      assertThat(line.path("bandwidthShare").asDouble()).isPositive();
      assertThat(line.path("kernels").size()).isPositive();
      assertThat(line.path("machine").path("libtorch").asText()).isNotEmpty();
      assertThat(line.has("contextHitFirstFrameMillis"))
          .isEqualTo(line.path("context").asInt() > 0);
      assertThat(line.has("peer")).isFalse();
    }
    assertThat(lines).extracting(line -> line.path("precision").asText()).contains("INT8");
    assertThat(run.err()).contains("round 1 of 1");
  }

  @Test
  void theSoundCanBeDecodedToo() throws IOException {
    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "engine",
            MODEL,
            "--batch",
            "1",
            "--frames",
            "6",
            "--rounds",
            "1",
            "--audio",
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(lines(run.out()).get(0).path("audio").asBoolean()).isTrue();
  }

  @Test
  void markAndCheckOfTheSoundAreInTheFigureOfEverything() throws IOException {
    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "engine",
            MODEL,
            "--batch",
            "2",
            "--frames",
            "20",
            "--rounds",
            "1",
            "--audio",
            "--watermark",
            HOME.resolve("worker/speech/models/development/watermark").toString(),
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode line = lines(run.out()).get(0);
    assertThat(line.path("watermarkNetworks").asText()).isEqualTo("watermark");
    assertThat(line.path("embedSecondsPerAudioSecond").asDouble()).isPositive();
    assertThat(line.path("detectSecondsPerAudioSecond").asDouble()).isPositive();
    assertThat(line.path("endToEndAudioSecondsPerSecond").asDouble())
        .isPositive()
        .isLessThan(line.path("audioSecondsPerSecond").asDouble());
    assertThat(line.path("slotBytes").asLong()).isPositive();
    assertThat(line.path("device").asText()).isEqualTo("cpu");
  }

  @Test
  void withoutTheWatermarksFilesItsPublishedSizesAreMeasured() throws IOException {
    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "engine",
            MODEL,
            "--batch",
            "1",
            "--frames",
            "2",
            "--rounds",
            "1",
            "--audio",
            "--random",
            "silentcipher",
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode line = lines(run.out()).get(0);
    assertThat(line.path("watermarkNetworks").asText()).isEqualTo("random silentcipher");
    assertThat(line.path("embedSecondsPerAudioSecond").asDouble()).isPositive();
    assertThat(line.path("detectSecondsPerAudioSecond").asDouble()).isPositive();
  }

  @Test
  void aMissingDeviceIsReportedWithTheRemedy() {
    // When
    CommandRun run = CommandRun.of("bench", "engine", MODEL, "--device", "cuda:31");

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("device is cuda:31");
  }

  @Test
  void thePeersTurnsStandBesideTheEngines() throws IOException {
    // Given
    Path peer =
        Files.copy(Path.of(FAKE_PEER), folder.resolve("fake"), StandardCopyOption.COPY_ATTRIBUTES);

    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "engine",
            MODEL,
            "--batch",
            "1,2",
            "--frames",
            "3",
            "--rounds",
            "2",
            "--peer-python",
            peer.toString(),
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode both = lines(run.out()).get(1);
    double rate = both.path("framesPerSecondPerStream").asDouble();
    assertThat(both.path("peer").path("best").asText()).isEqualTo("float32");
    assertThat(both.path("peer").path("float32").path("framesPerSecondPerStream").asDouble())
        .isEqualTo(10);
    assertThat(both.path("peer").path("bfloat16").path("leftOutAfterWarmUp").asDouble())
        .isEqualTo(1);
    assertThat(both.path("ratio").asDouble()).isPositive();
    assertThat(both.path("ratioToPeerBatch1").asDouble() / (2 * rate / 10)).isBetween(0.99, 1.01);
    assertThat(both.path("sameCodesAsPeer").asDouble()).isBetween(0.0, 0.5);
  }

  @Test
  void aPrecisionsQualityIsComparedWith32Bit() throws IOException {
    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "engine",
            MODEL,
            "--batch",
            "1",
            "--frames",
            "4",
            "--rounds",
            "1",
            "--precision",
            "float32,float16",
            "--quality",
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonNode> lines = lines(run.out());
    assertThat(lines)
        .extracting(line -> line.path("benchmark").asText())
        .containsExactly("engine", "engine", "quality");
    assertThat(lines.get(2).path("precision").asText()).isEqualTo("FLOAT16");
    assertThat(lines.get(2).path("codes").asInt()).isEqualTo(4 * 8);
    assertThat(lines.get(2).path("greedyAgreement").asDouble()).isBetween(0.9, 1.0);
    assertThat(lines.get(2).path("meanDivergenceNats").asDouble()).isBetween(0.0, 0.01);
  }

  @Test
  void withoutJsonTheResultIsATable() {
    // When
    CommandRun run =
        CommandRun.of("bench", "engine", MODEL, "--batch", "1", "--frames", "2", "--rounds", "1");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.out()).contains("frames/s", "FLOAT32");
  }

  @ParameterizedTest
  @CsvSource({
    "--batch 0, batch is 0",
    "--frames 1, frames is 1",
    "--precision float7, float7",
    "--device tpu, --device is 'tpu'",
    "--watermark some, watermark is some",
    "--random csm-1b, either",
    "--random silentcipher, random is silentcipher",
    "--audio --random silentcipher --watermark some, random is silentcipher",
  })
  void aWrongOptionIsAUsageError(String options, String message) {
    // Given
    List<String> arguments = new ArrayList<>(List.of("bench", "engine", MODEL));
    arguments.addAll(List.of(options.split(" ")));

    // When
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void sizesThatAreNotKnownAreAUsageError() {
    // When
    CommandRun run = CommandRun.of("bench", "engine", "--random", "csm-9b");

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("csm-9b", "csm-1b");
  }

  @Test
  void withoutAModelThereIsNothingToMeasure() {
    // When
    CommandRun run = CommandRun.of("bench", "engine");

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--random");
  }

  @Test
  void resultsBecomeAPictureAndATable() throws IOException {
    // Given
    CommandRun measured =
        CommandRun.of(
            "bench", "engine", MODEL, "--batch", "1", "--frames", "2", "--rounds", "1", "--json");
    Path results = Files.writeString(folder.resolve("results.jsonl"), measured.out());
    Path picture = folder.resolve("picture.svg");
    Path table = folder.resolve("table.md");

    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "plot",
            results.toString(),
            "--out",
            picture.toString(),
            "--table",
            table.toString());

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readString(picture)).startsWith("<svg").contains("csm-tiny, float32");
    assertThat(Files.readAllLines(table))
        .anyMatch(line -> line.startsWith("| csm-tiny | float32 | 1 | 0 |"))
        .last()
        .asString()
        .contains("libtorch");
  }

  @Test
  void aFileWithoutResultsCannotBeDrawn() throws IOException {
    // Given
    Path results = Files.writeString(folder.resolve("results.jsonl"), "{\"benchmark\":\"other\"}");

    // When
    CommandRun run =
        CommandRun.of(
            "bench", "plot", results.toString(), "--out", folder.resolve("p.svg").toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("no results");
  }

  private static List<JsonNode> lines(String out) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }
}
