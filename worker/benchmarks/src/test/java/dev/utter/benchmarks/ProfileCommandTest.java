package dev.utter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileCommandTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final String MODEL =
      HOME.resolve("worker/speech/src/test/fixtures/csm-tiny").toString();

  @TempDir Path folder;

  @Test
  void theTimeOfAStepIsReportedByCategory() throws IOException {
    // Given
    Path trace = folder.resolve("trace.json");

    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "profile",
            MODEL,
            "--batch",
            "2",
            "--steps",
            "2",
            "--threads",
            "1",
            "--trace",
            trace.toString(),
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode line = new ObjectMapper().readTree(run.out());
    assertThat(line.path("stepMillis").asDouble()).isPositive();
    assertThat(line.path("bandwidthShare").asDouble()).isPositive();
    assertThat(line.path("nestedCalls").asInt())
        .isGreaterThan(line.path("operators").asInt())
        .isGreaterThan(line.path("workingOperators").asInt());
    Map<String, Double> shares = new HashMap<>();
    StreamSupport.stream(line.path("categories").spliterator(), false)
        .forEach(one -> shares.put(one.path("name").asText(), one.path("share").asDouble()));
    assertThat(shares)
        .containsOnlyKeys(
            "ATTENTION", "MATMUL", "NORM", "SAMPLING", "COPIES", "OTHER", "VIEWS", "PROGRAM");
    assertThat(shares.values()).allMatch(share -> share > 0);
    assertThat(shares.values().stream().mapToDouble(share -> share).sum())
        .isCloseTo(1, within(0.01));
    assertThat(Files.readString(trace)).contains("\"depth_step\"", "aten::");
  }

  @Test
  void withoutJsonATableIsPrinted() {
    // When
    CommandRun run = CommandRun.of("bench", "profile", MODEL, "--steps", "1", "--threads", "1");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("csm-tiny", "ms a step", "bound", "ATTENTION", "aten::");
  }

  @ParameterizedTest
  @CsvSource({
    "--batch=0, --batch is 0",
    "--steps=0, --steps is 0",
    "--device=tpu, --device is 'tpu'",
    "--context=-1, --context is -1",
  })
  void aWrongOptionIsRefusedByName(String option, String message) {
    // When
    CommandRun run = CommandRun.of("bench", "profile", MODEL, option);

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }
}
