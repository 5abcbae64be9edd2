package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.Topics;
import dev.utter.worker.intake.TestingDeliveries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private final List<Job> started = new ArrayList<>();
  private final Scheduler scheduler = new Scheduler(2, 2, started::add);

  @Test
  void startsNothingBeforeItIsOpened() {
    // Given
    Job job = job(Topics.WORK_BULK, 0);
    scheduler.ready(job);
    assertThat(started).isEmpty();

    // When
    scheduler.open();

    // Then
    assertThat(started).containsExactly(job);
  }

  @Test
  void takesLanesInOrderOfUrgencyAndThenByAge() {
    // Given
    Job bulk = job(Topics.WORK_BULK, 0);
    Job normal = job(Topics.WORK_NORMAL, 0);
    Job interactive = job(Topics.WORK_INTERACTIVE, 0);
    Job second = job(Topics.WORK_INTERACTIVE, 0);
    List.of(bulk, normal, interactive, second).forEach(scheduler::ready);

    // When
    scheduler.open();
    scheduler.left(interactive);
    scheduler.left(second);

    // Then
    assertThat(started).containsExactly(interactive, second, normal, bulk);
  }

  @Test
  void runsASuspectAlone() {
    // Given
    scheduler.open();
    Job before = job(Topics.WORK_NORMAL, 0);
    Job suspect = job(Topics.WORK_INTERACTIVE, 1);
    Job after = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(before);
    scheduler.ready(suspect);
    scheduler.ready(after);

    // When
    scheduler.generated(before);
    List<Job> whileFinishing = List.copyOf(started);
    scheduler.left(before);
    scheduler.generated(suspect);
    List<Job> whileSuspectFinishes = List.copyOf(started);
    scheduler.left(suspect);

    // Then
    assertThat(whileFinishing).containsExactly(before);
    assertThat(whileSuspectFinishes).containsExactly(before, suspect);
    assertThat(started).containsExactly(before, suspect, after);
  }

  @Test
  void waitsWhenTooMuchIsUnfinished() {
    // Given
    scheduler.open();
    List<Job> jobs = List.of(job(Topics.WORK_BULK, 0), job(Topics.WORK_BULK, 0));
    Job third = job(Topics.WORK_BULK, 0);
    jobs.forEach(scheduler::ready);
    jobs.forEach(scheduler::generated);
    scheduler.ready(third);
    assertThat(started).doesNotContain(third);

    // When
    scheduler.left(jobs.get(0));

    // Then
    assertThat(started).contains(third);
  }

  @Test
  void givesUpWhatLeavesTheQueue() {
    // Given
    Job job = job(Topics.WORK_BULK, 0);
    scheduler.ready(job);

    // When
    boolean withdrawn = scheduler.withdraw(job);
    scheduler.open();

    // Then
    assertThat(withdrawn).isTrue();
    assertThat(scheduler.withdraw(job)).isFalse();
    assertThat(started).isEmpty();
  }

  private static Job job(String lane, int starts) {
    return new Job(TestingDeliveries.delivery(lane, starts), Instant.EPOCH);
  }
}
