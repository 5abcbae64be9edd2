package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.Topics;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolsTest {
  private static final SynthesisSettings SETTINGS =
      SynthesisSettings.defaults("worker", SynthesisFixture.ACCESS);

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MANY = 100;
  private final Pools pools = new Pools(SETTINGS, SETTINGS.sizes(1));
  private final Job job = new Job(TestingDeliveries.delivery(Topics.WORK_BULK, 0), Instant.EPOCH);
  private final CountDownLatch letGo = new CountDownLatch(1);

  @AfterEach
  void close() {
    letGo.countDown();
    pools.close(PATIENCE);
  }

  @ParameterizedTest
  @EnumSource(
      value = JobStep.class,
      names = {"PREPARATION", "CONTEXT", "MARKING", "STORAGE"})
  void aStepThatHangsHoldsBackNoOther(JobStep hanging) {
    // Given
    for (int i = 0; i < MANY; i++) {
      pools.of(hanging, job).execute(this::hang);
    }
    List<JobStep> done = new CopyOnWriteArrayList<>();

    // When
    List<JobStep> others =
        List.of(
            JobStep.PREPARATION,
            JobStep.CONTEXT,
            JobStep.MARKING,
            JobStep.STORAGE,
            JobStep.PUBLICATION);
    others.stream()
        .filter(step -> step != hanging)
        .forEach(step -> pools.of(step, job).execute(() -> done.add(step)));

    // Then
    await().atMost(PATIENCE).until(() -> done.size() == others.size() - 1);
  }

  @Test
  void aPoolThatIsFullOfUrgentTasksStillRunsThoseOfOtherLanes() {
    // Given
    Job interactive =
        new Job(TestingDeliveries.delivery(Topics.WORK_INTERACTIVE, 0), Instant.EPOCH);
    Executor urgent = pools.of(JobStep.ENDING, interactive);
    CountDownLatch bulk = new CountDownLatch(1);

    // When: each urgent task brings another
    for (int i = 0; i < MANY; i++) {
      urgent.execute(new Again(urgent));
    }
    pools.of(JobStep.ENDING, job).execute(bulk::countDown);

    // Then
    await().atMost(PATIENCE).until(() -> bulk.getCount() == 0);
    letGo.countDown();
  }

  private final class Again implements Runnable {
    private final Executor executor;

    private Again(Executor executor) {
      this.executor = executor;
    }

    @Override
    public void run() {
      if (letGo.getCount() > 0) {
        executor.execute(new Again(executor));
      }
    }
  }

  @Test
  void aMarkedClipIsStoredBeforeFurtherClipsAreMarked() {
    // Given
    AtomicInteger marked = new AtomicInteger();
    pools
        .of(JobStep.MARKING, job)
        .execute(
            () -> {
              pools.of(JobStep.STORAGE, job).execute(letGo::countDown);
            });

    // When
    for (int i = 0; i < MANY; i++) {
      pools
          .of(JobStep.MARKING, job)
          .execute(
              () -> {
                hang();
                marked.incrementAndGet();
              });
    }

    // Then
    await().atMost(PATIENCE).until(() -> marked.get() == MANY);
  }

  @Test
  void closingInterruptsTheNetworkAndReportsNativeWorkThatGoesOn() {
    // Given
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(2);
    pools
        .of(JobStep.STORAGE, job)
        .execute(
            () -> {
              running.countDown();
              if (!hang()) {
                interrupted.countDown();
              }
            });
    pools
        .of(JobStep.MARKING, job)
        .execute(
            () -> {
              running.countDown();
              hang();
            });
    await().atMost(PATIENCE).until(() -> running.getCount() == 0);

    // When
    boolean ended = pools.close(Duration.ofMillis(200));

    // Then
    assertThat(ended).isFalse();
    await().atMost(PATIENCE).until(() -> interrupted.getCount() == 0);
    letGo.countDown();
    assertThat(pools.close(PATIENCE)).isTrue();
  }

  private boolean hang() {
    try {
      letGo.await();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
