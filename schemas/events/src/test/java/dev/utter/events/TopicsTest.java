package dev.utter.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The names of the topics are part of the contract with publishers and consumers. */
final class TopicsTest {
  @Test
  void topicsHaveTheNamesOfTheContract() {
    assertThat(Topics.all())
        .containsExactly(
            "utter.requests",
            "utter.cancellations",
            "utter.limits",
            "utter.work.interactive",
            "utter.work.normal",
            "utter.work.bulk",
            "utter.started",
            "utter.completed",
            "utter.failed",
            "utter.dead-letters",
            "utter.verification-requests",
            "utter.verified",
            "utter.status",
            "utter.skips")
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

  @Test
  void recordsThatWaitInALaneAreKeptUntilAWorkerDeletesThem() {
    assertThat(Topics.lanes())
        .allSatisfy(
            lane ->
                assertThat(Topics.spec(lane).properties(Duration.ofDays(7)))
                    .containsEntry("retention.ms", "-1")
                    .containsEntry("retention.bytes", "-1")
                    .containsEntry("cleanup.policy", "delete")
                    .containsEntry("max.message.bytes", "1048588"));
  }

  @Test
  void requestsAndCancellationsAreKeptAsLongAsIdsAreRemembered() {
    assertThat(List.of(Topics.REQUESTS, Topics.CANCELLATIONS))
        .allSatisfy(
            topic ->
                assertThat(Topics.spec(topic).properties(Duration.ofDays(9)))
                    .containsEntry("retention.ms", "777600000"));
  }

  @Test
  void onlyTopicsThatPublishersWriteLimitWhatARecordExpandsTo() {
    assertThat(Topics.specs())
        .filteredOn(
            spec ->
                spec.limitedProperties(Duration.ofDays(7))
                    .containsKey("max.decompressed.message.bytes"))
        .extracting(TopicSpec::name)
        .containsExactlyElementsOf(Topics.ofPublishers());
  }

  @Test
  void onlyTheStatusTopicIsCompacted() {
    assertThat(Topics.specs())
        .filteredOn(spec -> spec.cleanupPolicy().equals("compact"))
        .extracting(TopicSpec::name)
        .containsExactly(Topics.STATUS);
  }

  @Test
  void createdTopicsKeepRecordsForAWeek() {
    assertThat(Topics.spec(Topics.DEAD_LETTERS).properties(Duration.ofDays(9)))
        .containsEntry("retention.ms", "604800000");
    assertThat(Topics.spec(Topics.STATUS).properties(Duration.ofDays(9)))
        .containsEntry("max.compaction.lag.ms", "86400000")
        .doesNotContainKey("retention.ms");
  }
}
