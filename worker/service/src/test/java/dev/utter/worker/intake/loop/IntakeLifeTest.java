package dev.utter.worker.intake.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.offsets.LostOffsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Start and end of an intake whose brokers do not answer. */
class IntakeLifeTest implements DeliveryHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Intake intake(Map<String, String> kafka) {
    Duration brief = Duration.ofMillis(100);
    IntakeSettings settings =
        new IntakeSettings(
            "group",
            "worker",
            Set.of("lane"),
            OptionalInt.empty(),
            8,
            brief,
            brief,
            brief,
            Duration.ofSeconds(5),
            3,
            Duration.ofSeconds(1),
            LostOffsets.REFUSE,
            kafka,
            Map.of(),
            Map.of());
    return new Intake(settings, 1, this, IntakeListener.NONE);
  }

  private Intake unanswered() {
    return intake(Map.of("bootstrap.servers", "127.0.0.1:1"));
  }

  @Override
  public void taken(Delivery delivery) {
    throw new AssertionError(delivery);
  }

  @Override
  public void started(Delivery delivery) {
    throw new AssertionError(delivery);
  }

  @Override
  public void committed(Delivery delivery) {
    throw new AssertionError(delivery);
  }

  @Override
  public void dropped(Delivery delivery) {
    throw new AssertionError(delivery);
  }

  @Test
  void anIntakeThatHasNotStartedIsClosedAtOnce() {
    // Given
    Intake intake = unanswered();

    // When
    intake.close();

    // Then
    assertThat(intake.waitingFor()).contains("Kafka");
    assertThat(intake.sinceLastIteration()).isEmpty();
    assertThat(intake.terminated()).isNotDone();
  }

  @Test
  void waitsForTheBrokersUntilItIsStopped() {
    // Given
    Intake intake = unanswered();
    intake.start();
    await()
        .atMost(PATIENCE)
        .until(() -> intake.waitingFor().filter(why -> why.startsWith("Kafka: ")).isPresent());
    assertThat(intake.terminated()).isNotDone();

    // When
    intake.close();

    // Then
    assertThat(intake.terminated()).isCompleted();
    assertThat(intake.sinceLastIteration()).isEmpty();
    assertThatThrownBy(intake::start).hasMessage("the intake was started before");
  }

  @Test
  void aBrokenWorkerEndsItsIntake() {
    // Given
    Intake intake = unanswered();
    intake.fail(new WorkerBrokenException("first"));
    intake.fail(new WorkerBrokenException("second"));

    // When
    intake.start();

    // Then
    await().atMost(PATIENCE).until(() -> intake.terminated().isDone());
    assertThat(intake.terminated())
        .failsWithin(PATIENCE)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(WorkerBrokenException.class)
        .withMessageContaining("first");
  }

  @Test
  void settingsThatNoClientTakesEndTheIntake() {
    // Given
    Intake intake = intake(Map.of("bootstrap.servers", "127.0.0.1:1", "security.protocol", "no"));

    // When
    intake.start();

    // Then
    await().atMost(PATIENCE).until(() -> intake.terminated().isCompletedExceptionally());
    intake.close();
  }
}
