package dev.utter.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pipeline benchmark from end to end, small: a worker process on a stack in this JVM. */
@Tag("integration")
class PipelineBenchTest {

  @Test
  void everyRequestIsCompletedAndVerifiedAndTimed() throws Exception {
    // When
    CommandRun run =
        CommandRun.of(
            ("bench pipeline --workers 1 --slots 2 --engine waiting --job 20ms --rate 5"
                    + " --warm-up 1s --duration 3s --partitions 2 --json")
                .split(" "));

    // Then
    assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    JsonNode result = new ObjectMapper().readTree(run.out());
    int requests = result.path("requests").intValue();
    assertThat(requests).isGreaterThan(10);
    assertThat(result.path("completed").intValue()).isEqualTo(requests);
    assertThat(result.path("verdicts").path("MATCH").intValue()).isEqualTo(requests);
    assertThat(result.path("missing").intValue() + result.path("doubled").intValue()).isZero();
    assertThat(result.path("completedByWorker").path("worker-1").intValue()).isEqualTo(requests);
    assertThat(result.path("completedMillis").path("p50").doubleValue())
        .isGreaterThan(20)
        .isLessThanOrEqualTo(result.path("verifiedMillis").path("p50").doubleValue());
    assertThat(result.path("stageMillis").path("generation").path("p50").doubleValue())
        .isGreaterThanOrEqualTo(20);
  }

  @Test
  void aSaturatingLoadOfJobsThatTakeNoTimeIsAUsageError() {
    assertThat(
            CommandRun.of("bench", "pipeline", "--load", "saturating", "--job", "0ms").exitCode())
        .isEqualTo(2);
  }

  @Test
  void aTimeThatIsNoneIsAUsageErrorThatNamesIt() {
    // When
    CommandRun run = CommandRun.of("bench", "pipeline", "--job", "soon");

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("'soon' is no time such as 100ms");
  }
}
