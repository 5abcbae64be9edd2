package dev.utter.worker.synthesis.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.Outcome;
import dev.utter.worker.trace.RecordedSpan;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobTraceTest {
  private final RecordedSpan whole = new RecordedSpan("job");
  private final JobTrace trace = new JobTrace(whole);

  @Test
  void everyTryOfAStepHasItsOwnSpan() {
    // When
    trace.begin(JobStep.STORAGE).end();
    trace.begin(JobStep.STORAGE).end();

    // Then
    assertThat(whole.events())
        .containsExactly("storage begins", "storage ends", "storage begins", "storage ends");
    assertThat(trace.whole()).isSameAs(whole);
  }

  @Test
  void aStepThatBeginsBeforeItsThreadHasOneSpan() {
    // Given
    trace.ahead(JobStep.GENERATION);

    // When
    trace.begin(JobStep.GENERATION).end();

    // Then
    assertThat(whole.events()).containsExactly("generation begins", "generation ends");
  }

  @Test
  void aStepThatBeginsAnewEndsTheSpanOfItsLastTry() {
    // Given
    trace.ahead(JobStep.GENERATION);

    // When
    trace.ahead(JobStep.GENERATION);

    // Then
    assertThat(whole.events())
        .containsExactly("generation begins", "generation begins", "generation ends");
  }

  @Test
  void theSpanOfARecordEndsWhenTheOutcomeIsVisible() {
    // Given
    Headers headers = new RecordHeaders();
    trace.send("utter.completed", headers);
    assertThat(whole.events()).containsExactly("send utter.completed begins");

    // When
    trace.finished(new Outcome(Outcome.COMPLETED, List.of()), 2);

    // Then
    assertThat(headers.lastHeader("span").value())
        .asString(UTF_8)
        .isEqualTo("send utter.completed");
    assertThat(whole.events())
        .containsExactly(
            "send utter.completed begins",
            "send utter.completed ends",
            "job has utter.attempt 2",
            "job has utter.outcome completed",
            "job ends");
  }

  @ParameterizedTest
  @ValueSource(strings = {Outcome.UNDECODABLE, Outcome.SKIPPED, "cancelled"})
  void anOutcomeWithoutAClipIsAFailureOfTheJob(String kind) {
    // When
    trace.finished(new Outcome(kind, List.of()), 1);

    // Then
    assertThat(whole.events()).containsSubsequence("job fails: " + kind, "job ends");
  }

  @Test
  void aFurtherRecordOfAFinishedRequestIsNoFailure() {
    // When
    trace.finished(new Outcome(Outcome.DUPLICATE, List.of()), 0);

    // Then
    assertThat(whole.events()).noneMatch(event -> event.contains("fails"));
  }

  @Test
  void recordsThatAreBuiltAnewReplaceThoseBuiltBefore() {
    // Given
    trace.begin(JobStep.PUBLICATION);
    trace.send("first", new RecordHeaders());

    // When
    trace.begin(JobStep.PUBLICATION);
    trace.send("second", new RecordHeaders());
    trace.finished(new Outcome(Outcome.COMPLETED, List.of()), 1);

    // Then
    assertThat(whole.events()).contains("send second ends").doesNotContain("send first ends");
  }

  @Test
  void aDroppedJobEndsItsSpansButPublishesNoRecord() {
    // Given
    trace.ahead(JobStep.GENERATION);
    trace.send("utter.completed", new RecordHeaders());

    // When
    trace.dropped();

    // Then
    assertThat(whole.events())
        .contains("generation ends", "job ends", "job has utter.outcome dropped")
        .doesNotContain("send utter.completed ends");
  }
}
