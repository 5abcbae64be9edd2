package dev.utter.worker.synthesis.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.events.Topics;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.job.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UrgentPoolTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final UrgentPool pool = new UrgentPool(1, "utter-test", LaneShares.defaults());
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final CountDownLatch busy = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void end() {
    release.countDown();
    pool.interrupt();
    assertThat(pool.join(PATIENCE)).isTrue();
  }

  private static Job job(String lane, String publisher) {
    return new Job(TestingDeliveries.delivery(lane, 0, publisher), Instant.EPOCH);
  }

  /** Its only thread has a task until the test releases it. */
  private void occupy() throws InterruptedException {
    pool.of(job(Topics.WORK_BULK, "a"))
        .execute(
            () -> {
              busy.countDown();
              try {
                release.await();
                done.add("released");
              } catch (InterruptedException e) {
                done.add("interrupted");
              }
            });
    busy.await();
  }

  private void add(String lane, String publisher, String task) {
    pool.of(job(lane, publisher)).execute(() -> done.add(task));
  }

  @Test
  void theMostUrgentTaskIsNextAndThePublishersOfALaneTakeTurns() throws InterruptedException {
    // Given
    occupy();
    add(Topics.WORK_BULK, "a", "bulk");
    add(Topics.WORK_NORMAL, "a", "normal 1 of a");
    add(Topics.WORK_NORMAL, "a", "normal 2 of a");
    add(Topics.WORK_NORMAL, "b", "normal of b");
    add(Topics.WORK_INTERACTIVE, "a", "interactive");

    // When
    release.countDown();

    // Then
    await().atMost(PATIENCE).until(() -> done.size() == 6);
    assertThat(done)
        .containsExactly(
            "released", "interactive", "normal 1 of a", "normal of b", "normal 2 of a", "bulk");
  }

  @Test
  void aRaisedJobIsAsUrgentAsInteractiveOnes() throws InterruptedException {
    // Given
    occupy();
    add(Topics.WORK_NORMAL, "a", "normal");
    Job raised = job(Topics.WORK_BULK, "a");
    raised.raise();
    pool.of(raised).execute(() -> done.add("raised"));

    // When
    release.countDown();

    // Then
    await().atMost(PATIENCE).until(() -> done.size() == 3);
    assertThat(done).containsExactly("released", "raised", "normal");
  }

  @Test
  void aShutdownFinishesWhatHasBegunAndDropsTheRest() throws InterruptedException {
    // Given
    occupy();
    add(Topics.WORK_BULK, "a", "next");

    // When
    pool.shutdown();
    boolean endedBefore = pool.join(Duration.ofMillis(1));
    release.countDown();

    // Then
    assertThat(endedBefore).isFalse();
    assertThat(pool.join(PATIENCE)).isTrue();
    assertThat(done).containsExactly("released");
    assertThatThrownBy(() -> add(Topics.WORK_BULK, "a", "late"))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void anInterruptEndsWhatHasBegunToo() throws InterruptedException {
    // Given
    occupy();
    add(Topics.WORK_BULK, "a", "next");

    // When
    pool.interrupt();

    // Then
    assertThat(pool.join(PATIENCE)).isTrue();
    assertThat(done).containsExactly("interrupted");
  }
}
