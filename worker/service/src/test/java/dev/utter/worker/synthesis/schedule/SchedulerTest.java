package dev.utter.worker.synthesis.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.utter.events.Topics;
import dev.utter.speech.Urgency;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.TestingClock;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.job.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerTest {
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final Duration ALONE = Duration.ofSeconds(8);
  private static final Duration DRAIN = Duration.ofSeconds(30);
  private final List<Job> started = new ArrayList<>();
  private final TestingClock clock = new TestingClock(Instant.EPOCH);
  private boolean outage;
  private final Scheduler scheduler = scheduler(2, started::addAll);

  @Test
  void startsAllThatFitAtOnce() {
    // Given
    List<List<Job>> starts = new ArrayList<>();
    Scheduler three = scheduler(3, starts::add);
    List<Job> jobs = jobs(Topics.WORK_NORMAL, 4);
    jobs.forEach(three::ready);

    // When
    three.open();
    three.generated(jobs.get(1));

    // Then
    assertThat(starts).containsExactly(jobs.subList(0, 3), jobs.subList(3, 4));
  }

  @Test
  void startsMoreUrgentJobsWhileOthersHoldTheSlots() {
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

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void keepsTheShareOfEveryLaneUnderAFloodOfInteractiveWork(int slots) {
    // Given
    List<Job> begun = new ArrayList<>();
    Scheduler flooded = scheduler(slots, begun::addAll);
    Topics.lanes().forEach(lane -> jobs(lane, slots + 2).forEach(flooded::ready));
    flooded.open();

    // When
    Map<Urgency, Integer> ended = run(flooded, begun, slots, Map.of());

    // Then
    assertThat(ended.get(Urgency.NORMAL)).isCloseTo(800, withinPercentage(5));
    assertThat(ended.get(Urgency.BULK)).isCloseTo(200, withinPercentage(10));
  }

  @Test
  void countsTheAudioThatWasGeneratedAndNotTheExpectedOne() {
    // Given
    List<Job> begun = new ArrayList<>();
    Scheduler flooded = scheduler(1, begun::addAll);
    Topics.lanes().forEach(lane -> jobs(lane, 3).forEach(flooded::ready));
    flooded.open();

    // When: clips of NORMAL have five times the expected audio
    Map<Urgency, Integer> ended =
        run(flooded, begun, 1, Map.of(Urgency.NORMAL, Duration.ofSeconds(5)));

    // Then: 20 % of the audio
    double audio = 4000 + 4 * ended.get(Urgency.NORMAL);
    assertThat(5 * ended.get(Urgency.NORMAL) / audio).isCloseTo(0.20, within(0.01));
  }

  /**
   * Ends 4000 jobs, each followed by another of its lane. The engine gives its slots to the most
   * urgent jobs, and the oldest of those ends.
   *
   * @param audio of the clips of a lane; a second where none is given
   */
  private static Map<Urgency, Integer> run(
      Scheduler flooded, List<Job> begun, int slots, Map<Urgency, Duration> audio) {
    Map<Urgency, Integer> ended = new EnumMap<>(Urgency.class);
    for (int i = 0; i < 4000; i++) {
      List<Job> running =
          begun.stream().sorted(Comparator.comparing(Job::urgency)).limit(slots).toList();
      Job job = begun.stream().filter(running::contains).findFirst().orElseThrow();
      begun.remove(job);
      ended.merge(job.lane(), 1, Integer::sum);
      flooded.ready(job(job.delivery().lane(), 0));
      flooded.generated(job, audio.getOrDefault(job.lane(), Duration.ofSeconds(1)));
      flooded.left(job);
    }
    return ended;
  }

  @Test
  void aLaneWithoutWorkEarnsNothing() {
    // Given
    List<Job> begun = new ArrayList<>();
    Scheduler one = scheduler(1, begun::addAll);
    one.open();
    for (int i = 0; i < 100; i++) {
      Job interactive = job(Topics.WORK_INTERACTIVE, 0);
      one.ready(interactive);
      one.left(interactive);
    }
    Job running = job(Topics.WORK_INTERACTIVE, 0);
    one.ready(running);

    // When
    Job bulk = job(Topics.WORK_BULK, 0);
    Job interactive = job(Topics.WORK_INTERACTIVE, 0);
    one.ready(bulk);
    one.ready(interactive);
    one.left(running);

    // Then
    assertThat(begun).endsWith(interactive).doesNotContain(bulk);
  }

  @Test
  void raisesAPreemptedJobOnceItsLaneIsOwedItsPlace() {
    // Given
    List<Job> begun = new ArrayList<>();
    Scheduler one = scheduler(1, begun::addAll);
    one.open();
    Job bulk = job(Topics.WORK_BULK, 0);
    one.ready(bulk);

    // When
    int preempting = 0;
    while (!bulk.raised()) {
      Job interactive = job(Topics.WORK_INTERACTIVE, 0);
      one.ready(interactive);
      assertThat(begun).endsWith(interactive);
      one.tick();
      if (!bulk.raised()) {
        one.generated(interactive, Duration.ofSeconds(1));
        one.left(interactive);
      }
      preempting++;
    }
    Job next = job(Topics.WORK_INTERACTIVE, 0);
    one.ready(next);
    one.left(begun.get(begun.size() - 1));
    List<Job> whileBulkRuns = List.copyOf(begun);
    one.generated(bulk, Duration.ofSeconds(1));
    one.left(bulk);

    // Then
    assertThat(preempting).isEqualTo(19);
    assertThat(bulk.urgency()).isEqualTo(Urgency.INTERACTIVE);
    assertThat(whileBulkRuns).doesNotContain(next);
    assertThat(begun).endsWith(next);
  }

  @Test
  void takesThePublishersOfALaneInTurn() {
    // Given: a flood of one, then a few of others
    List<Job> flood = Stream.generate(() -> jobOf("flood")).limit(100).toList();
    List<Job> few = List.of(jobOf("one"), jobOf("other"), jobOf("one"));
    flood.forEach(scheduler::ready);
    few.forEach(scheduler::ready);

    // When
    scheduler.open();
    for (int i = 0; i < 6; i++) {
      scheduler.left(started.get(i));
    }

    // Then
    assertThat(started.subList(0, 8)).containsAll(few);
  }

  private static Job jobOf(String publisher) {
    return new Job(TestingDeliveries.delivery(Topics.WORK_NORMAL, 0, publisher), Instant.EPOCH);
  }

  @Test
  void takesSuspectsByAgeSoThatNoneStarves() {
    // Given
    scheduler.open();
    Job inside = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(inside);
    Job bulk = job(Topics.WORK_BULK, 1);
    Job interactive = job(Topics.WORK_INTERACTIVE, 1);
    scheduler.ready(bulk);
    scheduler.ready(interactive);
    clock.advance(WAIT);

    // When
    scheduler.left(inside);

    // Then
    assertThat(started).containsExactly(inside, bulk);
  }

  @Test
  void preemptsNoMoreThanThereAreSlots() {
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
  void runsASuspectAloneWhenNothingElseIsInside() {
    // Given
    scheduler.open();
    Job before = job(Topics.WORK_NORMAL, 0);
    Job suspect = job(Topics.WORK_INTERACTIVE, 1);
    Job after = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(before);
    scheduler.ready(suspect);

    // When
    scheduler.generated(before);
    List<Job> whileFinishing = List.copyOf(started);
    scheduler.left(before);
    scheduler.ready(after);
    scheduler.begun(suspect);
    scheduler.generated(suspect);
    List<Job> whileSuspectFinishes = List.copyOf(started);
    scheduler.left(suspect);

    // Then
    assertThat(whileFinishing).containsExactly(before);
    assertThat(whileSuspectFinishes).containsExactly(before, suspect);
    assertThat(started).containsExactly(before, suspect, after);
  }

  @Test
  void startsOthersBeforeASuspectUntilItHasWaitedThenStartsNone() {
    // Given
    scheduler.open();
    Job inside = job(Topics.WORK_INTERACTIVE, 0);
    Job suspect = job(Topics.WORK_NORMAL, 1);
    scheduler.ready(inside);
    scheduler.ready(suspect);

    // When
    Job past = job(Topics.WORK_BULK, 0);
    scheduler.ready(past);
    clock.advance(WAIT);
    Job interactive = job(Topics.WORK_INTERACTIVE, 0);
    scheduler.ready(interactive);
    scheduler.left(inside);
    List<Job> whileTheDoorIsClosed = List.copyOf(started);
    scheduler.left(past);

    // Then
    assertThat(whileTheDoorIsClosed).containsExactly(inside, past);
    assertThat(started).containsExactly(inside, past, suspect);
    scheduler.left(suspect);
    assertThat(started).endsWith(interactive);
  }

  @Test
  void aSuspectStarvesNeitherItsLaneNorIsItStarvedByAMoreUrgentOne() {
    // Given
    List<Job> begun = new ArrayList<>();
    Scheduler wide = scheduler(64, begun::addAll);
    wide.open();
    Job suspect = job(Topics.WORK_NORMAL, 1);
    Job inside = job(Topics.WORK_INTERACTIVE, 0);
    wide.ready(inside);
    wide.ready(suspect);
    List<Job> behind = new ArrayList<>(jobs(Topics.WORK_NORMAL, 20));
    behind.addAll(jobs(Topics.WORK_BULK, 20));

    // When
    behind.forEach(wide::ready);

    // Then
    assertThat(begun).containsAll(behind).doesNotContain(suspect);
    behind.forEach(wide::left);
    // One INTERACTIVE request comes before the last has left, a second after the other.
    for (int second = 0; second <= WAIT.toSeconds(); second++) {
      clock.advance(Duration.ofSeconds(1));
      Job next = job(Topics.WORK_INTERACTIVE, 0);
      wide.ready(next);
      wide.left(inside);
      inside = next;
    }
    assertThat(begun).contains(suspect);
  }

  @Test
  void startsOthersBesideASuspectOnceItHasRunAlone() {
    // Given
    scheduler.open();
    Job suspect = job(Topics.WORK_BULK, 1);
    Job interactive = job(Topics.WORK_INTERACTIVE, 0);
    scheduler.ready(suspect);
    clock.advance(Duration.ofMinutes(1));
    scheduler.begun(suspect);
    scheduler.ready(interactive);

    // When
    clock.advance(ALONE.minusMillis(1));
    scheduler.tick();
    List<Job> alone = List.copyOf(started);
    clock.advance(Duration.ofMillis(1));
    scheduler.tick();

    // Then
    assertThat(alone).containsExactly(suspect);
    assertThat(started).containsExactly(suspect, interactive);
  }

  @Test
  void keepsEveryJobWaitingForSuspectsNoLongerThanDrainAndAloneTogether() {
    // Given
    scheduler.open();
    Job endless = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(endless);
    jobs(Topics.WORK_INTERACTIVE, 100, 1).forEach(scheduler::ready);
    Duration most = Duration.ZERO;

    // When
    for (int i = 0; i < 20; i++) {
      Job job = job(Topics.WORK_BULK, 0);
      scheduler.ready(job);
      Instant since = clock.instant();
      while (!started.contains(job)) {
        clock.advance(Duration.ofMillis(500));
        suspectsInside().forEach(scheduler::begun);
        scheduler.tick();
      }
      Duration waited = Duration.between(since, clock.instant());
      most = waited.compareTo(most) > 0 ? waited : most;
      clock.advance(Duration.ofSeconds(3));
      scheduler.left(job);
      // From the middle on nothing is endless any more, and suspects run.
      if (i == 10) {
        scheduler.left(endless);
      }
      List<Job> ending = suspectsInside();
      started.removeAll(ending);
      ending.forEach(scheduler::left);
    }

    // Then
    assertThat(most).isPositive().isLessThanOrEqualTo(DRAIN.plus(ALONE));
  }

  @Test
  void startsOthersBetweenTwoSuspects() {
    // Given
    scheduler.open();
    List<Job> suspects = jobs(Topics.WORK_NORMAL, 2, 1);
    Job inside = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(inside);
    suspects.forEach(scheduler::ready);
    clock.advance(WAIT);
    Job waiting = job(Topics.WORK_BULK, 0);
    scheduler.ready(waiting);
    scheduler.left(inside);

    // When
    scheduler.left(suspects.get(0));
    List<Job> afterTheFirst = List.copyOf(started);
    scheduler.left(waiting);

    // Then
    assertThat(afterTheFirst).containsExactly(inside, suspects.get(0), waiting);
    assertThat(started).endsWith(suspects.get(1));
  }

  @Test
  void beginsNoSuspectDuringAnOutage() {
    // Given
    outage = true;
    scheduler.open();
    Job suspect = job(Topics.WORK_NORMAL, 1);

    // When
    scheduler.ready(suspect);
    clock.advance(Duration.ofHours(1));
    scheduler.tick();
    List<Job> during = List.copyOf(started);
    outage = false;
    scheduler.tick();

    // Then
    assertThat(during).isEmpty();
    assertThat(started).containsExactly(suspect);
  }

  @Test
  void decodesContextBesideTheEngineButNotBesideASuspect() {
    // Given
    scheduler.open();
    List<Job> jobs = jobs(Topics.WORK_NORMAL, 3);
    Job suspect = job(Topics.WORK_NORMAL, 1);
    jobs.forEach(scheduler::awaitContext);
    scheduler.awaitContext(suspect);
    List<Job> atOnce = List.copyOf(started);

    // When
    jobs.subList(0, 2).forEach(scheduler::left);
    List<Job> next = List.copyOf(started);
    scheduler.left(jobs.get(2));
    Job late = job(Topics.WORK_INTERACTIVE, 0);
    scheduler.awaitContext(late);

    // Then
    assertThat(atOnce).isEqualTo(jobs.subList(0, 2));
    assertThat(next).isEqualTo(jobs);
    assertThat(started).endsWith(suspect).doesNotContain(late);
  }

  @Test
  void takesNoPlaceForAClipThatWaitsUpToAsManyAsMayBeFinishing() {
    // Given
    scheduler.open();
    List<Job> waiting = jobs(Topics.WORK_NORMAL, 4);
    for (Job job : waiting) {
      scheduler.ready(job);
      scheduler.generated(job);
      scheduler.stepAside(job);
    }

    // When
    Job next = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(next);
    List<Job> whileAllWait = List.copyOf(started);
    scheduler.left(waiting.get(3));

    // Then
    assertThat(whileAllWait).isEqualTo(waiting);
    assertThat(started).endsWith(next);
  }

  @Test
  void aClipThatStepsAsideGivesItsPlaceAtOnceAndTakesItBackLater() {
    // Given
    scheduler.open();
    List<Job> finishing = jobs(Topics.WORK_NORMAL, 2);
    finishing.forEach(scheduler::ready);
    finishing.forEach(scheduler::generated);
    List<Job> next = jobs(Topics.WORK_NORMAL, 2);
    next.forEach(scheduler::ready);
    assertThat(started).isEqualTo(finishing);

    // When
    scheduler.stepAside(finishing.get(0));
    List<Job> aside = List.copyOf(started);
    scheduler.stepBack(finishing.get(0));
    next.forEach(scheduler::left);
    Job last = job(Topics.WORK_NORMAL, 0);
    scheduler.ready(last);

    // Then
    assertThat(aside).hasSize(4).containsAll(next);
    assertThat(started).doesNotContain(last);
    scheduler.left(finishing.get(0));
    assertThat(started).endsWith(last);
  }

  @Test
  void countsWhatWaitsAndWhatIsGenerated() {
    // Given
    scheduler.open();
    List<Job> jobs = jobs(Topics.WORK_NORMAL, 3);

    // When
    jobs.forEach(scheduler::ready);
    scheduler.ready(job(Topics.WORK_NORMAL, 1));

    // Then: two have begun, one waits, and a suspect
    assertThat(scheduler.generating()).isEqualTo(2);
    assertThat(scheduler.waiting()).isEqualTo(2);
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
  void forgetsJobsThatLeaveTheQueue() {
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

  private List<Job> suspectsInside() {
    return started.stream().filter(Job::suspect).toList();
  }

  private Scheduler scheduler(int slots, Consumer<List<Job>> start) {
    return new Scheduler(
        new Scheduler.Places(slots, slots, 2),
        LaneShares.defaults(),
        new Suspects(WAIT, ALONE, DRAIN),
        () -> outage,
        start,
        clock);
  }

  private static List<Job> jobs(String lane, int count) {
    return jobs(lane, count, 0);
  }

  private static List<Job> jobs(String lane, int count, int starts) {
    return Stream.generate(() -> job(lane, starts)).limit(count).toList();
  }

  private static Job job(String lane, int starts) {
    return new Job(TestingDeliveries.delivery(lane, starts), Instant.EPOCH);
  }
}
