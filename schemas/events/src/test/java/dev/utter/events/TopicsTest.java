package dev.utter.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The names are part of the contract: whoever changes one here changes it for everybody. */
final class TopicsTest {
  @Test
  void topicsAreCalledWhatTheContractCallsThem() {
    assertThat(Topics.all())
        .containsExactly(
            "utter.requests",
            "utter.cancellations",
            "utter.work.interactive",
            "utter.work.normal",
            "utter.work.bulk",
            "utter.started",
            "utter.completed",
            "utter.failed",
            "utter.dead-letters",
            "utter.verification-requests",
            "utter.verified",
            "utter.status")
        .doesNotHaveDuplicates();
  }

  @Test
  void everyPriorityTakesItsLane() {
    assertThat(Topics.lane(Priority.INTERACTIVE)).isEqualTo("utter.work.interactive");
    assertThat(Topics.lane(Priority.NORMAL)).isEqualTo("utter.work.normal");
    assertThat(Topics.lane(Priority.BULK)).isEqualTo("utter.work.bulk");
    assertThat(Topics.lanes())
        .containsExactly("utter.work.interactive", "utter.work.normal", "utter.work.bulk");
  }

  @Test
  void aPriorityOfTheFutureHasNoLane() {
    assertThatThrownBy(() -> Topics.lane(Priority.UNKNOWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UNKNOWN");
  }
}
