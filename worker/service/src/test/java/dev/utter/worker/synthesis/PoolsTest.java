package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.RequestState;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.request.Planner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
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

  private static final ContextAudio SOUND =
      new ContextAudio.Decoded(
          new AudioClip(new float[1920], 24_000),
          1,
          new CodesCache.Key("voices", "a.wav", "etag"),
          List.of());

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
    awaitThat(() -> done.size() == others.size() - 1);
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
    awaitThat(() -> bulk.getCount() == 0);
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
    awaitThat(() -> marked.get() == MANY);
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
    awaitThat(() -> running.getCount() == 0);

    // When
    boolean ended = pools.close(Duration.ofMillis(200));

    // Then
    assertThat(ended).isFalse();
    awaitThat(() -> interrupted.getCount() == 0);
    letGo.countDown();
    assertThat(pools.close(PATIENCE)).isTrue();
  }

  @Test
  void anInteractiveClipIsMarkedWhileAllOtherMarkersAreBusy() {
    // Given
    Job interactive =
        new Job(TestingDeliveries.delivery(Topics.WORK_INTERACTIVE, 0), Instant.EPOCH);
    CountDownLatch marked = new CountDownLatch(1);
    for (int i = 0; i < MANY; i++) {
      pools.of(JobStep.MARKING, job).execute(this::hang);
    }

    // When
    pools.of(JobStep.MARKING, interactive).execute(marked::countDown);

    // Then
    awaitThat(() -> marked.getCount() == 0);
  }

  @Test
  void aJobWithoutSoundReachesTheEngineWhileARecordingIsEncoded() {
    // Given
    Job recorded = ready(SOUND);
    Job plain = ready();
    CountDownLatch submitted = new CountDownLatch(1);
    pools.of(JobStep.ENCODING, recorded).execute(this::hang);

    // When
    AtomicInteger encoded = new AtomicInteger();
    pools.of(JobStep.ENCODING, recorded).execute(encoded::incrementAndGet);
    pools.of(JobStep.ENCODING, plain).execute(submitted::countDown);

    // Then
    awaitThat(() -> submitted.getCount() == 0);
    assertThat(encoded).hasValue(0);
    letGo.countDown();
    awaitThat(() -> encoded.get() == 1);
  }

  private static Job ready(ContextAudio... context) {
    Job job = new Job(TestingDeliveries.delivery(Topics.WORK_BULK, 0), Instant.EPOCH);
    Plan plan =
        new Planner(new AccessRules(SynthesisFixture.ACCESS), TestingSpeechModel.DESCRIPTION)
            .plan(
                SynthesisRig.request("id", "Hello.")
                    .setOptions(SynthesisRig.options().setTopK(50).build())
                    .build());
    job.move(new RequestState.Ready(Instant.EPOCH, plan, List.of(context), Duration.ZERO));
    return job;
  }

  @Test
  void aNoticeThatHangsHoldsBackNoStepAndEndsWithTheWorker() {
    // Given
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch published = new CountDownLatch(1);
    pools
        .notices(job)
        .execute(
            () -> {
              running.countDown();
              if (!hang()) {
                interrupted.countDown();
              }
            });
    awaitThat(() -> running.getCount() == 0);

    // When
    pools.of(JobStep.PUBLICATION, job).execute(published::countDown);

    // Then
    awaitThat(() -> published.getCount() == 0);
    assertThat(pools.close(PATIENCE)).isTrue();
    assertThat(interrupted.getCount()).isZero();
  }

  @Test
  void tasksRunAfterTheirPauseOrAgainAndAgain() {
    // Given
    AtomicInteger repeated = new AtomicInteger();
    CountDownLatch later = new CountDownLatch(1);

    // When
    pools.after(Duration.ofMillis(1), later::countDown);
    pools.every(Duration.ofMillis(1), repeated::incrementAndGet);

    // Then
    awaitThat(() -> later.getCount() == 0 && repeated.get() >= 3);
  }

  @Test
  void workThatComesAfterTheCloseIsDropped() {
    // Given
    List<String> done = new CopyOnWriteArrayList<>();
    pools.after(Duration.ofMinutes(1), () -> done.add("a pause"));

    // When
    boolean ended = pools.close(PATIENCE);
    pools.after(Duration.ZERO, () -> done.add("a late pause"));
    pools.notices(job).execute(() -> done.add("a notice"));
    for (JobStep step : JobStep.values()) {
      pools.of(step, job).execute(() -> done.add(step.label()));
    }

    // Then
    assertThat(ended).isTrue();
    assertThat(pools.close(PATIENCE)).isTrue();
    assertThat(done).isEmpty();
  }

  private static void awaitThat(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(condition);
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
