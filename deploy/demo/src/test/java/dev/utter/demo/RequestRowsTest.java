package dev.utter.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.RequestState;
import dev.utter.producer.client.RequestProgress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RequestRowsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final RequestRows rows = new RequestRows(nanos::get);

  @Test
  void aRowCountsTheSecondsSinceItsRequestWasPublished() {
    // Given
    rows.published("a");

    // When
    nanos.addAndGet(2_500_000_000L);

    // Then
    assertThat(rows.all()).singleElement().asString().contains("a ", "PUBLISHED").endsWith("2.5");
  }

  @Test
  void theClockOfAFinishedRequestStands() {
    // Given
    rows.published("a");
    nanos.addAndGet(1_000_000_000L);
    rows.changed(SampleResults.failed("a"));

    // When
    nanos.addAndGet(5_000_000_000L);

    // Then
    assertThat(rows.all()).singleElement().asString().contains("FAILED CANCELLED").endsWith("1.0");
  }

  @Test
  void aStageReplacesTheOneBefore() {
    // Given
    rows.published("a");

    // When
    String row =
        rows.changed(
            new RequestProgress(
                "a",
                Optional.of(RequestState.RUNNING),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));

    // Then
    assertThat(row).contains("RUNNING").doesNotContain("PUBLISHED");
  }
}
