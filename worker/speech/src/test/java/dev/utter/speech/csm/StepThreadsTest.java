package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StepThreadsTest {

  private static final int ALL = 4;
  private static final int ROWS = 2;

  private final AtomicLong now = new AtomicLong();
  private int threads = ALL;
  private final StepThreads stepThreads = new StepThreads(ALL, count -> threads = count, now::get);

  /** Milliseconds that a step takes with one thread and with all. */
  private long withOne = 40;

  private long withAll = 10;

  @Test
  void onAnIdleMachineNearlyAllStepsUseAllThreads() {
    // When
    long onOne = stepsOnOneThread(Duration.ofMinutes(5));

    // Then
    assertThat(onOne).isBetween(1L, 6L * StepThreads.WINDOW_STEPS);
    assertThat(threads).isEqualTo(ALL);
  }

  @Test
  void aBusyMachineIsNoticedWithinSeconds() {
    // Given
    stepsOnOneThread(Duration.ofSeconds(20));

    // When
    withAll = 400;
    stepsOnOneThread(Duration.ofSeconds(8));

    // Then
    assertThat(threads).isEqualTo(1);
  }

  @Test
  void aMachineThatIsBusyFromTheStartIsNoticedToo() {
    // Given
    withAll = 400;

    // When
    stepsOnOneThread(Duration.ofSeconds(8));

    // Then
    assertThat(threads).isEqualTo(1);
  }

  @Test
  void whenTheMachineIsIdleAgainAllThreadsAreUsedAgain() {
    // Given
    withAll = 400;
    stepsOnOneThread(Duration.ofSeconds(20));

    // When
    withAll = 10;
    stepsOnOneThread(Duration.ofSeconds(61));

    // Then
    assertThat(threads).isEqualTo(ALL);
  }

  @Test
  void whileTheMachineIsBusyMostStepsUseOneThread() {
    // Given
    withAll = 60;
    stepsOnOneThread(Duration.ofSeconds(8));

    // When
    long onOne = stepsOnOneThread(Duration.ofMinutes(1));

    // Then
    assertThat(onOne * withOne).isGreaterThan(Duration.ofSeconds(55).toMillis());
  }

  @Test
  void aTrialThatMeetsAnotherNumberOfRowsIsAbandoned() {
    // Given
    for (int i = 0; i < StepThreads.WINDOW_STEPS; i++) {
      step(ROWS);
    }
    assertThat(threads).isEqualTo(1);

    // When
    step(ROWS + 1);

    // Then
    assertThat(threads).isEqualTo(ALL);
  }

  @Test
  void withOneProcessorThereIsNothingToTry() {
    // Given
    StepThreads alone =
        new StepThreads(
            1,
            count -> {
              throw new AssertionError("set to " + count);
            },
            now::get);

    // Then
    for (int i = 0; i < 100; i++) {
      assertThat(alone.run(ROWS, () -> now.addAndGet(10_000_000))).isPositive();
    }
  }

  private long stepsOnOneThread(Duration time) {
    long end = now.get() + time.toNanos();
    long count = 0;
    while (now.get() < end) {
      count += step(ROWS) == 1 ? 1 : 0;
    }
    return count;
  }

  /** Returns the threads that the step used. */
  private int step(int rows) {
    return stepThreads.run(
        rows,
        () -> {
          now.addAndGet(Duration.ofMillis(threads == 1 ? withOne : withAll).toNanos());
          return threads;
        });
  }
}
