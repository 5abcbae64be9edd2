package dev.utter.cli.command.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.hub.listing.HubFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FetchProgressTest {
  private static final HubFile FILE =
      new HubFile("model.safetensors", 4_000_000_000L, "0".repeat(64));
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter shown = new StringWriter();
  private long now = 5 * SECOND;

  private FetchProgress progress(boolean terminal) {
    FetchProgress progress = new FetchProgress(new PrintWriter(shown, true), terminal, () -> now);
    progress.expect(5_000_000_000L, 1_000_000_000L);
    return progress;
  }

  @Test
  void aTerminalShowsABarWithRateAndTimeLeft() {
    // Given
    FetchProgress progress = progress(true);

    // When
    progress.begins(FILE, 0);
    now += 20 * SECOND;
    progress.received(1_500_000_000L);

    // Then
    assertThat(lastDrawn())
        .isEqualTo(
            "[============            ] 50 %, 2.50 GB of 5.00 GB, 75.0 MB/s, 0:33 left"
                + "  model.safetensors");
  }

  @Test
  void aTerminalIsNotDrawnForEveryBuffer() {
    // Given
    FetchProgress progress = progress(true);
    progress.begins(FILE, 0);

    // When
    IntStream.range(0, 1000).forEach(i -> progress.received(65_536));

    // Then
    assertThat(shown.toString().split("\r")).hasSizeLessThan(4);
  }

  @Test
  void elsewhereThereIsALineForEveryTenth() {
    // Given
    FetchProgress progress = progress(false);

    // When
    progress.begins(FILE, 0);
    for (int i = 0; i < 40; i++) {
      now += 4 * SECOND;
      progress.received(100_000_000);
    }
    progress.finished(FILE);
    progress.end();

    // Then
    assertThat(shown.toString().lines())
        .hasSize(9)
        .startsWith("30 %, 1.50 GB of 5.00 GB, 25.0 MB/s, 2:20 left")
        .endsWith("model.safetensors: 4.00 GB");
    assertThat(shown.toString()).doesNotContain("\r", "\u001b");
  }

  @Test
  void bytesToBeDownloadedAgainAreSubtracted() {
    // Given
    FetchProgress progress = progress(true);
    progress.begins(FILE, 2_000_000_000L);

    // When
    progress.received(-2_000_000_000L);
    now += SECOND;
    progress.received(0);

    // Then
    assertThat(lastDrawn()).contains("20 %, 1.00 GB of 5.00 GB  model");
  }

  @Test
  void theReasonForAWaitIsShown() {
    // Given
    FetchProgress progress = progress(false);

    // When
    progress.retries("the store answered with status 503", Duration.ofSeconds(2));
    progress.waits(FILE);

    // Then
    assertThat(shown.toString().lines())
        .containsExactly(
            "the store answered with status 503; trying again in 2 s",
            "Waiting for another download of model.safetensors");
  }

  private String lastDrawn() {
    return shown.toString().replaceAll("(?s).*\u001b\\[K", "");
  }
}
