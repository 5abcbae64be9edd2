package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The intake while its group waits for a member that died, which with the classic protocol takes
 * until that member's session is over.
 */
@Tag("integration")
class IntakeRebalanceTest {
  private static final Map<String, String> LONG_SESSION =
      Map.of("group.protocol", "classic", "session.timeout.ms", "12000");
  private IntakeRig rig;

  @BeforeEach
  void openRig() {
    rig = new IntakeRig(SharedStack.get(), 4);
  }

  @AfterEach
  void closeRig() {
    rig.close();
  }

  @Test
  void beginsNewRecordsWhileTheGroupWaitsForADeadMember() {
    // Given
    rig.publish(rig.bulk, "first");
    TestingWorker healthy = rig.worker(rig.settings("a", 64, LONG_SESSION));
    await().atMost(PATIENCE).until(() -> healthy.committed.size() == 1);
    rig.joinAndDie(LONG_SESSION);
    rig.worker(rig.settings("b", 64, LONG_SESSION));
    await().atMost(PATIENCE).until(() -> rig.groupState() == GroupState.PREPARING_REBALANCE);

    // When
    rig.publish(rig.interactive, numbered("quick", 40));
    rig.publish(rig.bulk, numbered("slow", 40));

    // Then
    await().atMost(Duration.ofSeconds(3)).until(() -> healthy.committed.size() >= 10);
    assertThat(rig.groupState()).isEqualTo(GroupState.PREPARING_REBALANCE);
  }

  @Test
  void aGracefulStopUsesUpNoAttemptWhileTheGroupWaitsForADeadMember() {
    // Given
    List<String> values = numbered("r", 20);
    rig.publish(rig.bulk, values);
    TestingWorker stopping =
        rig.worker(rig.settings("a", 64, LONG_SESSION, Duration.ofMillis(100)))
            .holding(value -> true);
    await().atMost(PATIENCE).until(() -> stopping.started.size() == 20);
    rig.joinAndDie(LONG_SESSION);
    TestingWorker next = rig.worker(rig.settings("b", 64, LONG_SESSION));
    await().atMost(PATIENCE).until(() -> rig.groupState() == GroupState.PREPARING_REBALANCE);

    // When
    stopping.intake().close();

    // Then
    await().atMost(PATIENCE).until(() -> next.committed.size() == 20);
    assertThat(next.startsWhenTaken.values()).containsOnly(0);
    assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
  }
}
