package dev.utter.worker.synthesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.FailureCode;
import dev.utter.events.Topics;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.synthesis.SynthesisSettings.Retries;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.trace.LogContext;
import dev.utter.worker.trace.RecordedSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

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

  private static void awaitThat(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(condition);
  }

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
    awaitThat(() -> !events.isEmpty());
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
    awaitThat(() -> !events.isEmpty());
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
    awaitThat(() -> tries.get() >= 60);
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
                  awaitThat(() -> events.contains("seen"));
                }));

    // Then
    awaitThat(() -> health.trouble().isPresent() && health.isOutage());
    assertThat(health.trouble().orElseThrow())
        .startsWith("context fails since 2026-01-01T00:00:00Z")
        .endsWith("connection refused");
    events.add("seen");
    awaitThat(() -> health.trouble().isEmpty() && !health.isOutage());
  }

  @Test
  void takesErrorsOfTheMachineForPassingAndOthersForUnexpected() {
    // When
    runFailing(new AudioToolException("ffmpeg cannot be started"));
    runFailing(new UncheckedIOException(new IOException("No space left on device")));
    runFailing(new IllegalStateException("bug"));

    // Then
    awaitThat(() -> events.size() >= 1);
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
    awaitThat(() -> !events.isEmpty());
    assertThat(withdrawn).isTrue();
    assertThat(runner.withdraw(job)).isFalse();
    assertThat(events).containsExactly("the next");
  }

  @Test
  void everyKindOfFailureHasItsOwnEnd() {
    // When
    runFailing(new RequestFailedException(FailureCode.EMPTY_AUDIO, null, "no sound"));
    runFailing(new UndecodableRecordException("no magic byte"));
    runFailing(new WorkerBrokenException("out of memory"));
    runFailing(new EngineBrokenException("device lost", null));
    runFailing(new NotMineException("another worker has it"));
    runThrowing(new StackOverflowError());
    runThrowing(new NoSuchMethodError("encode"));

    // Then
    awaitThat(() -> events.size() >= 6);
    assertThat(events)
        .containsExactlyInAnyOrder(
            "failed no sound",
            "undecodable no magic byte",
            "broken out of memory",
            "broken the engine is broken: device lost",
            "unexpected the stack overflowed",
            "broken step marking ended in java.lang.NoSuchMethodError: encode");
  }

  @Test
  void anErrorOfADroppedJobIsIgnored() {
    // Given
    Job dropped = job();

    // When
    runner.run(
        JobStep.MARKING,
        dropped,
        job -> {
          job.drop();
          throw new IllegalStateException("closed");
        });
    runFailing(new IllegalStateException("of another job"));

    // Then
    awaitThat(() -> !events.isEmpty());
    awaitEnd(JobStep.MARKING);
    assertThat(events).containsExactly("unexpected of another job");
  }

  @Test
  void aTaskThatFailsAfterAPauseBreaksTheWorker() {
    // When
    runner.after(
        Duration.ofMillis(1),
        job(),
        () -> {
          throw new IllegalStateException("bug");
        });

    // Then
    awaitThat(() -> !events.isEmpty());
    assertThat(events)
        .containsExactly("broken a pause ended in java.lang.IllegalStateException: bug");
  }

  @Test
  void aDroppedJobTakesNoPause() {
    // Given
    Job dropped = job();
    dropped.drop();

    // When
    runner.after(Duration.ofMillis(1), dropped, () -> events.add("came back"));
    runner.after(Duration.ofMillis(10), job(), () -> events.add("the next"));

    // Then
    assertThat(runner.withdraw(dropped)).isFalse();
    awaitThat(() -> !events.isEmpty());
    assertThat(events).containsExactly("the next");
  }

  @Test
  void patienceEndsOnceItIsExceeded() {
    // Given
    Duration third = RETRIES.patience().dividedBy(3);
    AtomicInteger tries = new AtomicInteger();

    // When: the first failure counts no time, the next three count all of the patience
    runner.run(JobStep.STORAGE, job(), job -> failWhileOthersSucceed(tries, third));

    // Then
    awaitThat(() -> !events.isEmpty());
    assertThat(tries).hasValue(5);
    assertThat(events)
        .containsExactly(
            "out of patience: storage failed for 1200 s while others succeeded, 5 times, the last"
                + " time with: 503 SlowDown");
  }

  @Test
  void thePublicationOfAnOutcomeIsRepeatedWithoutALimit() {
    // Given
    AtomicInteger tries = new AtomicInteger();

    // When
    runner.run(
        JobStep.PUBLICATION,
        job(),
        job -> {
          if (tries.get() == 5) {
            events.add("published");
          } else {
            failWhileOthersSucceed(tries, RETRIES.patience());
          }
        });

    // Then
    awaitThat(() -> !events.isEmpty());
    assertThat(events).containsExactly("published");
  }

  @Test
  void aMisconfiguredStoreUsesUpNoPatience() {
    // Given
    AtomicInteger tries = new AtomicInteger();

    // When
    runner.run(
        JobStep.STORAGE,
        job(),
        job -> {
          clock.advance(RETRIES.patience());
          health.succeeded(JobStep.STORAGE);
          if (tries.incrementAndGet() < 5) {
            throw new StorageMisconfiguredException("no permission", null);
          }
          events.add("stored");
        });

    // Then
    awaitThat(() -> !events.isEmpty());
    assertThat(events).containsExactly("stored");
  }

  private void failWhileOthersSucceed(AtomicInteger tries, Duration time) {
    tries.incrementAndGet();
    clock.advance(time);
    health.succeeded(JobStep.STORAGE);
    health.succeeded(JobStep.PUBLICATION);
    throw new RetryLaterException("503 SlowDown", null);
  }

  @Test
  void aStepCountsAsRunningUntilItEnds() {
    // Given
    CountDownLatch release = new CountDownLatch(1);
    runner.run(JobStep.MARKING, job(), job -> awaitCount(release));
    awaitThat(() -> health.hung(Duration.ZERO).isPresent());

    // When
    release.countDown();

    // Then
    awaitEnd(JobStep.MARKING);
  }

  /** Waits until no try of a native step runs. */
  private void awaitEnd(JobStep step) {
    awaitThat(
        () -> health.hung(Duration.ZERO).filter(why -> why.startsWith(step.label())).isEmpty());
  }

  private static void awaitCount(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void everyTryHasASpanThatNamesItsFailure() {
    // Given
    RecordedSpan span = new RecordedSpan("job");
    Job job = new Job(TestingDeliveries.delivery(Topics.WORK_NORMAL, 0), Instant.EPOCH, span);
    AtomicInteger tries = new AtomicInteger();

    // When
    runner.run(
        JobStep.STORAGE,
        job,
        stored -> {
          switch (tries.incrementAndGet()) {
            case 1 -> throw new RetryLaterException("away", null);
            case 2 ->
                throw new RequestFailedException(FailureCode.INVALID_REQUEST, "output", "taken");
            default -> throw new IllegalStateException("not expected");
          }
        });

    // Then
    awaitThat(() -> span.events().stream().filter("storage ends"::equals).count() == 2);
    assertThat(span.events())
        .containsExactly(
            "storage begins",
            "storage fails: RetryLaterException",
            "storage ends",
            "storage begins",
            "storage fails: INVALID_REQUEST",
            "storage ends");
  }

  @Test
  void theLogOfAStepNamesItsRequestAndTrace() {
    // Given
    Job job =
        new Job(
            TestingDeliveries.watched(Topics.WORK_NORMAL, 7, "id".getBytes(UTF_8), new byte[0])
                .delivery(),
            Instant.EPOCH,
            new RecordedSpan("job"));

    // When
    runner.run(
        JobStep.STORAGE,
        job,
        stored -> events.add(MDC.get(LogContext.REQUEST_ID) + " " + MDC.get(LogContext.TRACE_ID)));

    // Then
    awaitThat(() -> !events.isEmpty());
    assertThat(events).containsExactly("id trace of storage");
  }

  @Test
  void aStepThatFailsIsRepeatedAfterAPauseAndReported() {
    // Given
    List<String> pauses = new CopyOnWriteArrayList<>();
    JobStepRunner reporting =
        new JobStepRunner(
            pools,
            RETRIES,
            new Recording(),
            health,
            why -> events.add("broken " + why.getMessage()),
            new SynthesisListener() {
              @Override
              public void retrying(String step, Duration pause) {
                pauses.add(step + " after " + pause.toMillis() + " ms");
              }

              @Override
              public void unexpected(Exception why) {
                pauses.add("unexpected " + why.getMessage());
              }
            },
            clock);
    AtomicInteger tries = new AtomicInteger();

    // When
    reporting.run(
        JobStep.STORAGE,
        job(),
        job -> {
          if (tries.incrementAndGet() < 4) {
            throw new RetryLaterException("away", null);
          }
          throw new IllegalStateException("bug");
        });

    // Then
    awaitThat(() -> !events.isEmpty());
    assertThat(pauses)
        .containsExactly(
            "storage after 1 ms", "storage after 2 ms", "storage after 2 ms", "unexpected bug");
  }

  private void runThrowing(Error error) {
    runner.run(
        JobStep.MARKING,
        job(),
        job -> {
          throw error;
        });
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
