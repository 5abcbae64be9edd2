package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.Topics;
import dev.utter.worker.intake.TestingDeliveries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private final List<Job> started = new ArrayList<>();
  private final Scheduler scheduler = new Scheduler(2, 2, started::addAll);

  @Test
  void startsAllThatFitAtOnce() {
    // Given
    List<List<Job>> starts = new ArrayList<>();
    Scheduler three = new Scheduler(3, 3, starts::add);
    List<Job> jobs = jobs(Topics.WORK_NORMAL, 4);
    jobs.forEach(three::ready);

    // When
    three.open();
    three.generated(jobs.get(1));

    // Then
    assertThat(starts).containsExactly(jobs.subList(0, 3), jobs.subList(3, 4));
  }

  @Test
  void letsTheMoreUrgentOvertakeThoseThatHoldTheSlots() {
    // Given
    List<Job> bulk = jobs(Topics.WORK_BULK, 3);
    List<Job> interactive = jobs(Topics.WORK_INTERACTIVE, 3);
    bulk.forEach(scheduler::ready);
    scheduler.open();
    List<Job> before = List.copyOf(started);

    // When
    interactive.forEach(scheduler::ready);
    List<Job> overtaking = List.copyOf(started.subList(2, started.size()));
    scheduler.generated(interactive.get(0));
    scheduler.generated(interactive.get(1));

    // Then
    assertThat(before).isEqualTo(bulk.subList(0, 2));
    assertThat(overtaking).isEqualTo(interactive.subList(0, 2));
    assertThat(started).contains(interactive.get(2)).doesNotContain(bulk.get(2));
  }

  @Test
  void parksNoMoreThanThereAreSlots() {
    // Given
    List<Job> bulk = jobs(Topics.WORK_BULK, 2);
    List<Job> normal = jobs(Topics.WORK_NORMAL, 2);
    List<Job> interactive = jobs(Topics.WORK_INTERACTIVE, 2);
    scheduler.open();
    bulk.forEach(scheduler::ready);
    normal.forEach(scheduler::ready);

    // When
    interactive.forEach(scheduler::ready);

    // Then
    assertThat(started).hasSize(4).doesNotContainAnyElementsOf(interactive);
    scheduler.generated(normal.get(0));
    assertThat(started).hasSize(5).contains(interactive.get(0));
  }

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
    List<Job> first = List.copyOf(started);
    scheduler.left(interactive);
    scheduler.left(second);

    // Then
    assertThat(first).containsExactly(interactive, second);
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

  private static List<Job> jobs(String lane, int count) {
    return Stream.generate(() -> job(lane, 0)).limit(count).toList();
  }

  private static Job job(String lane, int starts) {
    return new Job(TestingDeliveries.delivery(lane, starts), Instant.EPOCH);
  }
}
