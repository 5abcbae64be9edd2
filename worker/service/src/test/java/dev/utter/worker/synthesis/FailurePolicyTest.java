package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.synthesis.FailurePolicy.Decision;
import dev.utter.worker.synthesis.job.JobStep;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole table, for a limit of three attempts. */
class FailurePolicyTest {
  private final FailurePolicy policy = new FailurePolicy(3);

  @ParameterizedTest(name = "{0}, {1} failures, {2} starts, under way: {3}")
  @CsvSource({
    "STORAGE,     1, 1, true,  REPEAT",
    "PREPARATION, 1, 0, false, REPEAT",
    "CONTEXT,     2, 1, false, REPEAT",
    "ENCODING,    1, 1, true,  RESTART",
    "GENERATION,  2, 2, true,  RESTART",
    "MARKING,     1, 1, true,  RESTART",
    "GENERATION,  1, 1, false, REPEAT",
    "MARKING,     3, 1, true,  GIVE_UP",
    "MARKING,     1, 3, true,  GIVE_UP",
    "PUBLICATION, 6, 3, false, GIVE_UP",
    "PUBLICATION, 7, 3, false, WORKER_BROKEN",
  })
  void anUnexpectedErrorLeadsTo(
      JobStep step, int failures, int starts, boolean attempted, Decision decision) {
    assertThat(policy.decide(step, failures, starts, attempted)).isEqualTo(decision);
  }
}
