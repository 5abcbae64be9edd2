package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.Delivery;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Records that wait, and starts that are taken back. */
@Tag("integration")
class IntakeWaitingWorkTest {
  private static final int WINDOW = 8;
  private IntakeRig rig;

  @BeforeEach
  void openRig() {
    rig = new IntakeRig(SharedStack.get(), 1);
  }

  @AfterEach
  void closeRig() {
    rig.close();
  }

  @Test
  void aStartThatWasTakenBackDoesNotCountAfterACrash() {
    // Given
    TestingWorker first =
        rig.worker(rig.settings("first", WINDOW, Map.of())).holding(value -> true);
    rig.publish(rig.bulk, numbered("r", 2));
    await().atMost(PATIENCE).until(() -> first.started.size() == 2);

    // When
    first.taken.get("r0").takeStartBack();
    await().atMost(PATIENCE).until(() -> metadata().equals("utter1:Ua"));
    first.crash();
    TestingWorker second = rig.worker(rig.settings("second", WINDOW, Map.of()));

    // Then
    await().atMost(PATIENCE).until(() -> second.committed.size() == 2);
    assertThat(second.startsWhenTaken).containsEntry("r0", 0).containsEntry("r1", 1);
  }

  @Test
  void aStartAfterOneThatWasTakenBackCountsOnce() {
    // Given
    TestingWorker worker =
        rig.worker(rig.settings("first", WINDOW, Map.of())).holding(value -> true);
    rig.publish(rig.bulk, numbered("r", 1));
    await().atMost(PATIENCE).until(() -> worker.started.size() == 1);

    // When
    Delivery delivery = worker.taken.get("r0");
    worker.started.clear();
    delivery.takeStartBack();
    delivery.start();

    // Then
    await().atMost(PATIENCE).until(() -> worker.started.size() == 1);
    assertThat(delivery.starts()).isEqualTo(1);
    worker.letGo();
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 1);
  }

  @Test
  void recordsThatWaitLeaveTheirLaneOpenUpToOneMoreWindow() {
    // Given
    TestingWorker worker =
        rig.worker(rig.settings("first", WINDOW, Map.of())).starting(value -> false);
    rig.publish(rig.bulk, numbered("r", 40));
    await().atMost(PATIENCE).until(() -> !worker.taken.isEmpty());

    // When
    worker.taken.values().forEach(delivery -> delivery.setAside(true));
    await().atMost(PATIENCE).until(() -> worker.taken.size() > WINDOW);
    worker.taken.values().forEach(delivery -> delivery.setAside(true));
    rig.publish(rig.interactive, numbered("i", 1));

    // Then
    await().atMost(PATIENCE).until(() -> worker.taken.containsKey("i0"));
    assertThat(worker.mostHeld.get(rig.bulk)).isBetween(WINDOW + 1, 2 * WINDOW);
    worker.starting(value -> true).taken.values().forEach(Delivery::start);
    await().atMost(PATIENCE).until(() -> worker.committed.size() == 41);
  }

  private String metadata() {
    OffsetAndMetadata offset = rig.committed().get(new TopicPartition(rig.bulk, 0));
    return offset == null ? "" : offset.metadata();
  }
}
