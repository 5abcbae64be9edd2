package dev.utter.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job from end to end: Kafka, registry, S3 and a worker, all real, in this JVM. */
@Tag("integration")
class DemoTest {
  @TempDir Path folder;

  @Test
  void everySampleRequestGetsTheOutcomeExpectedOfIt() throws Exception {
    // When
    CommandRun run = CommandRun.of("demo", "--requests", "6", "--out", folder.toString(), "--json");

    // Then
    assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.path("outcomes").findValuesAsText("state"))
        .containsExactly("VERIFIED", "VERIFIED", "FAILED", "FAILED", "VERIFIED", "VERIFIED");
    assertThat(report.path("outcomes").findValuesAsText("verdict"))
        .hasSize(4)
        .containsOnly("MATCH");
    assertThat(report.path("outcomes").findValuesAsText("code"))
        .containsExactly("CANCELLED", "INVALID_REQUEST");
    assertThat(report.path("outcomes").findValuesAsText("file"))
        .allSatisfy(file -> assertThat(Path.of(file)).isNotEmptyFile());
    assertThat(new ObjectMapper().readTree(Files.readString(folder.resolve("report.json"))))
        .isEqualTo(report);
  }

  @Test
  void noRequestsAreAUsageError() {
    assertThat(CommandRun.of("demo", "--requests", "0").exitCode()).isEqualTo(2);
  }
}
