package dev.utter.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.demo.DemoReport.Outcome;
import dev.utter.events.FailureCode;
import dev.utter.producer.client.RequestProgress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DemoReportTest {
  private final RequestProgress cancelled = SampleResults.failed("a");

  @Test
  void anExpectedFailureIsGood() {
    assertThat(report(Expectation.failed(FailureCode.CANCELLED)).isGood()).isTrue();
  }

  @Test
  void anotherFailureIsNot() {
    assertThat(report(Expectation.failed(FailureCode.INVALID_REQUEST)).isGood()).isFalse();
  }

  @Test
  void aFailureInsteadOfAClipIsNot() {
    assertThat(report(Expectation.COMPLETED).isGood()).isFalse();
  }

  @Test
  void aReportWithoutOutcomesIsNotGood() {
    assertThat(new DemoReport(List.of()).isGood()).isFalse();
  }

  @Test
  void theJsonNamesEachOutcomeAndWhetherItWasExpected() {
    // When
    var json = report(Expectation.failed(FailureCode.CANCELLED)).toJson();

    // Then
    assertThat(json.path("requests").asInt()).isEqualTo(1);
    assertThat(json.path("failed").asInt()).isEqualTo(1);
    assertThat(json.path("completed").asInt()).isZero();
    assertThat(json.path("outcomes").path(0).path("code").asText()).isEqualTo("CANCELLED");
    assertThat(json.path("outcomes").path(0).path("asExpected").asBoolean()).isTrue();
  }

  private DemoReport report(Expectation expectation) {
    return new DemoReport(
        List.of(
            new Outcome(
                cancelled,
                expectation.toString(),
                expectation.isMetBy(cancelled),
                Optional.empty())));
  }
}
