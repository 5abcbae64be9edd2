package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.IntakeSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which outcomes share a transaction. Time stands still unless the test moves it. */
@Tag("integration")
class IntakeGroupingTest {
  private final HandTicker ticker = new HandTicker();
  private IntakeRig rig;
  private IntakeSettings settings;

  @BeforeEach
  void openRig() {
    rig = new IntakeRig(SharedStack.get(), 2);
    settings = rig.settings("a", 32, Map.of());
  }

  @AfterEach
  void closeRig() {
    // Outcomes that are still gathered need time to be committed.
    ticker.letRun();
    rig.close();
  }

  @Test
  void anIdleWorkerPublishesALoneOutcomeAtOnce() {
    // Given
    rig.publish(rig.bulk, "lone");

    // When
    TestingWorker worker = worker();

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.containsKey("lone"));
    assertThat(worker.transactions).containsExactly(1);
  }

  @Test
  void outcomesThatComeSoonAfterATransactionShareTheNext() {
    // Given
    List<String> values = numbered("r", 20);
    rig.publish(rig.bulk, values);
    TestingWorker worker = worker().holding(value -> true);
    await().atMost(PATIENCE).until(() -> worker.started.size() == values.size());
    worker.finish("r0");
    await().atMost(PATIENCE).until(() -> worker.committed.containsKey("r0"));

    // When
    values.subList(1, 20).forEach(worker::finish);
    ticker.move(settings.commitInterval().dividedBy(2));
    await().atMost(PATIENCE).until(() -> sinceLastIteration(worker).isZero());
    int beforeTheTime = worker.committed.size();
    ticker.move(settings.commitInterval());

    // Then
    await().atMost(PATIENCE).until(() -> worker.committed.size() == values.size());
    assertThat(beforeTheTime).isEqualTo(1);
    assertThat(worker.transactions).containsExactly(1, 19);
    assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
  }

  @Test
  void anIntakeThatHangsIsSeenByTheTickerAlone() {
    // Given
    rig.publish(rig.bulk, "stuck");
    TestingWorker worker = worker().freezingAt("stuck");
    await().atMost(PATIENCE).until(() -> worker.started.containsKey("stuck"));

    // When
    ticker.move(Duration.ofMinutes(6));

    // Then
    assertThat(sinceLastIteration(worker)).isEqualTo(Duration.ofMinutes(6));
    worker.thaw();
    await().atMost(PATIENCE).until(() -> sinceLastIteration(worker).isZero());
  }

  private static Duration sinceLastIteration(TestingWorker worker) {
    return worker.intake().sinceLastIteration().orElseThrow();
  }

  private TestingWorker worker() {
    return rig.add(new TestingWorker(settings, rig.outcomes, ticker));
  }

  private static final class HandTicker implements LongSupplier {
    private volatile LongSupplier nanos = () -> 0;

    void move(Duration by) {
      long moved = nanos.getAsLong() + by.toNanos();
      nanos = () -> moved;
    }

    void letRun() {
      nanos = System::nanoTime;
    }

    @Override
    public long getAsLong() {
      return nanos.getAsLong();
    }
  }
}
