package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.Topics;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.SynthesisSettings.Retries;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.StepHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobStepRunnerTest {
  private static final SynthesisSettings SETTINGS =
      SynthesisSettings.defaults("worker", SynthesisFixture.ACCESS);

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Retries RETRIES =
      new Retries(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMinutes(15));

  private final TestingClock clock = new TestingClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final Pools pools = new Pools(SETTINGS, SETTINGS.sizes(1));
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final StepHealth health =
      new StepHealth(() -> false, Duration.ofSeconds(30), clock, System::nanoTime);
  private final JobStepRunner runner =
      new JobStepRunner(
          pools,
          RETRIES,
          new Recording(),
          health,
          why -> events.add("broken " + why.getMessage()),
          SynthesisListener.NONE,
          clock);

  @AfterEach
  void close() {
    pools.close(PATIENCE);
  }

  @Test
  void whatCallersObjectsHoldGoesToTheLogOnly() {
    // When
    runner.run(
        JobStep.CONTEXT,
        job(),
        job -> {
          clock.advance(Duration.ofMinutes(1));
          health.succeeded(JobStep.CONTEXT);
          throw new RetryLaterException("only 77 of 4711 bytes arrived", null);
        });

    // Then
    await().atMost(PATIENCE).until(() -> !events.isEmpty());
    assertThat(events.get(0))
        .startsWith("out of patience: context failed for")
        .doesNotContain("4711");
  }

  @Test
  void endsAJobWhoseStepSucceedsForOthersAfterThePatience() {
    // Given
    Job refused = job();
    AtomicInteger tries = new AtomicInteger();

    // When
    runner.run(
        JobStep.STORAGE,
        refused,
        job -> {
          tries.incrementAndGet();
          clock.advance(Duration.ofMinutes(1));
          health.succeeded(JobStep.STORAGE);
          throw new RetryLaterException("the store answers 503 SlowDown", null);
        });

    // Then
    await().atMost(PATIENCE).until(() -> !events.isEmpty());
    assertThat(tries.get()).isBetween(16, 17);
    assertThat(events.get(0)).startsWith("out of patience").contains("503 SlowDown");
    assertThat(health.trouble()).isEmpty();
  }

  @Test
  void doesNotCountAnOutageAsPatience() {
    // Given
    AtomicInteger tries = new AtomicInteger();
    List<Job> jobs = List.of(job(), job());
    Consumer<Job> failing =
        job -> {
          if (tries.incrementAndGet() < 60) {
            clock.advance(Duration.ofMinutes(1));
            throw new RetryLaterException("connection refused", null);
          }
        };

    // When
    jobs.forEach(job -> runner.run(JobStep.STORAGE, job, failing));

    // Then
    await().atMost(PATIENCE).until(() -> tries.get() >= 60);
    assertThat(events).isEmpty();
  }

  @Test
  void namesTheStepThatSucceedsForNoJobAndTheReason() {
    // Given
    AtomicInteger tries = new AtomicInteger();
    List<Job> jobs = List.of(job(), job());

    // When
    jobs.forEach(
        job ->
            runner.run(
                JobStep.CONTEXT,
                job,
                failing -> {
                  if (tries.incrementAndGet() < 10) {
                    throw new RetryLaterException("connection refused", null);
                  }
                  await().atMost(PATIENCE).until(() -> events.contains("seen"));
                }));

    // Then
    await().atMost(PATIENCE).until(() -> health.trouble().isPresent() && health.isOutage());
    assertThat(health.trouble().orElseThrow())
        .startsWith("context fails since 2026-01-01T00:00:00Z")
        .endsWith("connection refused");
    events.add("seen");
    await().atMost(PATIENCE).until(() -> health.trouble().isEmpty() && !health.isOutage());
  }

  @Test
  void takesErrorsOfTheMachineForPassingAndOthersForUnexpected() {
    // When
    runFailing(new AudioToolException("ffmpeg cannot be started"));
    runFailing(new UncheckedIOException(new IOException("No space left on device")));
    runFailing(new IllegalStateException("bug"));

    // Then
    await().atMost(PATIENCE).until(() -> events.size() >= 1);
    assertThat(events).containsExactly("unexpected bug");
  }

  @Test
  void aWithdrawnJobDoesNotComeBackFromItsPause() {
    // Given
    Job job = job();
    runner.after(Duration.ofMillis(50), job, () -> events.add("came back"));

    // When
    boolean withdrawn = runner.withdraw(job);
    runner.after(Duration.ofMillis(60), job(), () -> events.add("the next"));

    // Then
    await().atMost(PATIENCE).until(() -> !events.isEmpty());
    assertThat(withdrawn).isTrue();
    assertThat(runner.withdraw(job)).isFalse();
    assertThat(events).containsExactly("the next");
  }

  private void runFailing(RuntimeException failure) {
    AtomicInteger tries = new AtomicInteger();
    runner.run(
        JobStep.MARKING,
        job(),
        job -> {
          if (tries.getAndIncrement() == 0) {
            throw failure;
          }
        });
  }

  private static Job job() {
    return new Job(TestingDeliveries.delivery(Topics.WORK_NORMAL, 0), Instant.EPOCH);
  }

  private final class Recording implements JobStepRunner.Ends {
    @Override
    public void failed(Job job, RequestFailedException why) {
      events.add("failed " + why.getMessage());
    }

    @Override
    public void undecodable(Job job, String why) {
      events.add("undecodable " + why);
    }

    @Override
    public void unexpected(Job job, JobStep step, RuntimeException why, Runnable again) {
      events.add("unexpected " + why.getMessage());
    }

    @Override
    public Runnable putOff(Job job, JobStep step, Runnable again) {
      return again;
    }

    @Override
    public void outOfPatience(Job job, JobStep step, String why) {
      events.add("out of patience: " + why);
    }
  }
}
