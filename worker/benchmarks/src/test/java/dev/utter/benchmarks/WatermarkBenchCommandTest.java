package dev.utter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WatermarkBenchCommandTest {
  private static final String NETWORKS =
      Path.of(System.getProperty("utter.home"))
          .resolve("worker/speech/models/development/watermark")
          .toString();

  @Test
  void aRunGivesTheCostOfASecondOfAudioAndTheTimesBesideALongClip() throws IOException {
    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "watermark",
            NETWORKS,
            "--clip",
            "2",
            "--bulk",
            "6",
            "--rounds",
            "2",
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode line = new ObjectMapper().readTree(run.out());
    assertThat(line.path("networks").asText()).isEqualTo("watermark");
    double embed = line.path("embedSecondsPerSecond").asDouble();
    double look = line.path("lookSecondsPerSecond").asDouble();
    assertThat(embed).isPositive();
    assertThat(look).isPositive();
    assertThat(line.path("endToEndSecondsPerSecond").asDouble())
        .isCloseTo(embed + 2 * look, withPercentage(1));
    assertThat(line.path("aloneMillisP50").asDouble()).isPositive();
    assertThat(line.path("besideBulkMillisMax").asDouble())
        .isGreaterThanOrEqualTo(line.path("besideBulkMillisP50").asDouble());
    assertThat(line.path("cpu").asText()).isNotEmpty();
  }

  @Test
  void aFolderThatIsNotThereIsRefused() {
    // When
    CommandRun run = CommandRun.of("bench", "watermark", "/none");

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("/none is not a folder");
  }
}
