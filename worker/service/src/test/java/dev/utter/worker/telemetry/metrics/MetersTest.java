package dev.utter.worker.telemetry.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MetersTest {
  @Test
  void aTimeOfMinutesFallsBetweenTwoBoundsOfItsHistogram() {
    // Given
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    // When
    new Meters(registry).timer("utter.synthesis.stage.time").record(Duration.ofMinutes(8));

    // Then
    assertThat(registry.scrape().lines())
        .filteredOn(line -> line.matches("utter_synthesis_stage_time_seconds_bucket.* 1"))
        .anyMatch(line -> !line.contains("+Inf"))
        .allMatch(line -> line.contains("+Inf") || bound(line) >= 480);
  }

  private static double bound(String line) {
    return Double.parseDouble(line.replaceFirst(".*le=\"([^\"]*)\".*", "$1"));
  }
}
