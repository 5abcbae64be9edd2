package dev.utter.worker.synthesis.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.Urgency;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.synthesis.SynthesisRig;
import dev.utter.worker.trace.TraceSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JobTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private final JobRegistry jobs = new JobRegistry();

  @ParameterizedTest
  @CsvSource({
    Topics.WORK_INTERACTIVE + ", INTERACTIVE",
    Topics.WORK_NORMAL + ", NORMAL",
    Topics.WORK_BULK + ", BULK",
    "another lane, BULK"
  })
  void itsLaneIsItsUrgencyUntilItIsRaised(String lane, Urgency urgency) {
    // Given
    Job job = job(lane, 0);

    // Then
    assertThat(job.lane()).isEqualTo(urgency);
    assertThat(job.urgency()).isEqualTo(urgency);
    assertThat(job.raised()).isFalse();
    job.raise();
    assertThat(job.raised()).isTrue();
    assertThat(job.lane()).isEqualTo(urgency);
    assertThat(job.urgency()).isEqualTo(Urgency.INTERACTIVE);
  }

  @Test
  void knowsItsPublisherAndWhetherAnOperatorSentIt() {
    // Given
    Delivery delivery = TestingDeliveries.delivery(Topics.WORK_BULK, 0, "team-a");

    // Then
    assertThat(new Job(delivery, START).publisher()).isEqualTo("team-a");
    assertThat(job(Topics.WORK_BULK, 0).publisher()).isEqualTo(PublisherKey.NONE);
    assertThat(new Job(delivery, START).redriven()).isFalse();
    delivery.record().headers().add(DeadLetterHeaders.REDRIVES, new byte[1]);
    assertThat(new Job(delivery, START).redriven()).isTrue();
  }

  @Test
  void isASuspectAfterAStartOfAnotherWorkerOrAnErrorInTheEngine() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);

    // When
    job.failedUnexpectedly(JobStep.MARKING);
    boolean afterMarking = job.suspect();
    job.failedUnexpectedly(JobStep.GENERATION);
    job.failedUnexpectedly(JobStep.MARKING);

    // Then
    assertThat(job(Topics.WORK_NORMAL, 1).suspect()).isTrue();
    assertThat(afterMarking).isFalse();
    assertThat(job.suspect()).isTrue();
    assertThat(job.failures()).isEqualTo(3);
  }

  @Test
  void staysAtAStepThatIsRepeated() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);

    // When
    job.enter(JobStep.PREPARATION, START.plusSeconds(1));
    Job.Stay first = job.stay();
    job.enter(JobStep.STORAGE, START.plusSeconds(2));
    job.enter(JobStep.STORAGE, START.plusSeconds(3));

    // Then
    assertThat(first).isEqualTo(new Job.Stay(JobStep.PREPARATION, START));
    assertThat(job.stay()).isEqualTo(new Job.Stay(JobStep.STORAGE, START.plusSeconds(2)));
  }

  @Test
  void countsTheTriesOfEachStepForItself() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);

    // When
    boolean first = job.tries(JobStep.STORAGE).failed(START).isPresent();
    Instant before = job.tries(JobStep.STORAGE).failed(START.plusSeconds(2)).orElseThrow();
    job.tries(JobStep.STORAGE).waitedInVain(Duration.ofSeconds(3));
    job.tries(JobStep.STORAGE).waitedInVain(Duration.ofSeconds(4));

    // Then
    assertThat(first).isFalse();
    assertThat(before).isEqualTo(START);
    assertThat(job.tries(JobStep.STORAGE).failures()).isEqualTo(2);
    assertThat(job.tries(JobStep.STORAGE).inVain()).isEqualTo(Duration.ofSeconds(7));
    assertThat(job.tries(JobStep.CONTEXT).failures()).isZero();
  }

  @Test
  void aDroppedJobDoesNotMoveOn() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);
    RequestState.Publishing publishing =
        new RequestState.Taken(START).publish(new Outcome("completed", List.of()));
    RequestState before = job.state(RequestState.Taken.class);

    // When
    job.drop();

    // Then
    assertThat(before).isEqualTo(new RequestState.Taken(START));
    assertThat(job.dropped()).isTrue();
    assertThat(job.tryMove(publishing)).isFalse();
    assertThat(job.state()).isInstanceOf(RequestState.Dropped.class);
    assertThatThrownBy(() -> job.move(publishing)).isInstanceOf(NotMineException.class);
    assertThatThrownBy(() -> job.state(RequestState.Taken.class))
        .isInstanceOf(NotMineException.class);
    assertThatThrownBy(() -> job.requireWanted(START)).isInstanceOf(NotMineException.class);
    assertThat(job.wanted(START)).isFalse();
  }

  @Test
  void aJobWhoseOutcomeIsWithTheIntakeIsNotDropped() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);
    Outcome outcome = new Outcome("completed", List.of());
    assertThat(job.tryMove(new RequestState.Taken(START).publish(outcome))).isTrue();

    // When
    job.drop();

    // Then
    assertThat(job.dropped()).isFalse();
    assertThat(job.state()).isEqualTo(new RequestState.Publishing(outcome));
  }

  @Test
  void isWantedUntilItIsCancelledOrExpiredOrOwnedByAnotherWorker() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);
    job.decoded(request("a").setDeadline(START.plusSeconds(1)).build());

    // Then
    assertThat(job.wanted(START)).isTrue();
    assertThatCode(() -> job.requireWanted(START)).doesNotThrowAnyException();
    assertThat(job.wanted(START.plusSeconds(1))).isFalse();
    assertThatThrownBy(() -> job.requireWanted(START.plusSeconds(1)))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
              assertThat(failure.field()).contains("deadline");
            });
    job.cancel();
    assertThat(job.wanted(START)).isFalse();
    assertThatThrownBy(() -> job.requireWanted(START))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED));
    job.delivery().drop();
    assertThat(job.wanted(START)).isFalse();
    assertThatThrownBy(() -> job.requireWanted(START)).isInstanceOf(NotMineException.class);
  }

  @Test
  void isNotWantedOnceAnOperatorSkipsIt() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);
    boolean before = job.skipped().isPresent();

    // When
    job.skip("ends the process");

    // Then
    assertThat(before).isFalse();
    assertThat(job.wanted(START)).isFalse();
    assertThatThrownBy(() -> job.requireWanted(START)).isSameAs(job.skipped().orElseThrow());
    assertThat(job.skipped().orElseThrow().deadLetterMessage()).isEqualTo("ends the process");
  }

  @Test
  void hasTheIdThatIsTheKeyOfItsRecord() {
    // Given
    byte[] id = "order-7".getBytes(UTF_8);
    Delivery named = TestingDeliveries.watched(Topics.WORK_NORMAL, 7, id, id).delivery();

    // Then
    assertThat(new Job(named, START).requestId()).contains("order-7");
    assertThat(job(Topics.WORK_NORMAL, 0).requestId()).isEmpty();
  }

  @Test
  void withoutADeadlineItDoesNotExpire() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);
    boolean undecoded = job.wanted(Instant.MAX);

    // When
    job.decoded(request("a").build());

    // Then
    assertThat(undecoded).isTrue();
    assertThat(job.wanted(Instant.MAX)).isTrue();
  }

  @Test
  void expectsASecondOfAudioUntilItsTextIsKnown() {
    // Given
    Job job = job(Topics.WORK_NORMAL, 0);
    long before = job.expectedMillis();

    // When
    job.decoded(request("a").setText("word ".repeat(100)).build());

    // Then
    assertThat(before).isEqualTo(1000);
    assertThat(job.expectedMillis()).isGreaterThan(1000);
  }

  @Test
  void theEarlierOfTwoJobsWorksOnAnIdUntilItIsReleasedOrDropped() {
    // Given
    Job first = decoded("a");
    Job second = decoded("a");

    // Then
    assertThat(jobs.claim("a", first)).isSameAs(first);
    assertThat(jobs.claim("a", second)).isSameAs(first);
    assertThat(jobs.find("a")).containsSame(first);
    assertThat(jobs.isFirstOfItsId(first)).isTrue();
    assertThat(jobs.isFirstOfItsId(second)).isFalse();
    jobs.release(second);
    assertThat(jobs.find("a")).as("released by its owner only").containsSame(first);
    first.drop();
    assertThat(jobs.claim("a", second)).isSameAs(second);
    jobs.release(second);
    assertThat(jobs.find("a")).isEmpty();
    assertThat(jobs.isFirstOfItsId(second)).isFalse();
  }

  @Test
  void remembersWhatHasFinishedByItsContent() {
    // Given
    Job job = decoded("a");

    // When
    jobs.finish(job);
    jobs.finish(job(Topics.WORK_NORMAL, 0));

    // Then
    assertThat(jobs.hasFinished(request("a").build())).isTrue();
    assertThat(jobs.hasFinished(request("a").setText("Other.").build())).isFalse();
    assertThat(jobs.hasFinished(request("b").build())).isFalse();
  }

  @Test
  void findsJobsByTheirDeliveryAndOthersOfTheSameRecord() {
    // Given
    Delivery delivery = TestingDeliveries.delivery("lane", 0);
    Delivery again = TestingDeliveries.delivery("lane", 0);
    Delivery elsewhere = TestingDeliveries.delivery("other", 0);
    Job job = jobs.add(delivery, START, TraceSpan.NONE);
    jobs.add(elsewhere, START, TraceSpan.NONE);

    // Then
    assertThat(jobs.find(delivery)).containsSame(job);
    assertThat(jobs.othersOf(again)).containsExactly(delivery);
    assertThat(jobs.othersOf(delivery)).isEmpty();
    assertThat(jobs.all()).hasSize(2);
    assertThat(jobs.remove(delivery)).containsSame(job);
    assertThat(jobs.remove(delivery)).isEmpty();
    assertThat(jobs.find(delivery)).isEmpty();
  }

  @Test
  void knowsHowLongTheOldestIsHeldAndAtAStep() {
    // Given
    jobs.add(TestingDeliveries.delivery("lane", 0), START, TraceSpan.NONE);
    Job younger =
        jobs.add(TestingDeliveries.delivery("lane", 0), START.plusSeconds(5), TraceSpan.NONE);

    // When
    younger.enter(JobStep.STORAGE, START.plusSeconds(7));

    // Then
    Instant now = START.plusSeconds(10);
    assertThat(jobs.oldest(now)).isEqualTo(Duration.ofSeconds(10));
    assertThat(jobs.oldest(JobStep.STORAGE, now)).isEqualTo(Duration.ofSeconds(3));
    assertThat(jobs.oldest(JobStep.CONTEXT, now)).isZero();
    assertThat(jobs.oldest(START.minusSeconds(1))).as("a clock that was put back").isZero();
    assertThat(new JobRegistry().oldest(now)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "PREPARATION, false, true, false, false",
    "CONTEXT, false, true, false, true",
    "ENCODING, true, true, true, false",
    "GENERATION, false, true, true, false",
    "MARKING, true, true, true, false",
    "STORAGE, false, true, false, false",
    "ENDING, false, true, false, false",
    "PUBLICATION, false, false, false, false"
  })
  void theTableOfTheSteps(
      JobStep step, boolean isNative, boolean bounded, boolean restarts, boolean foreign) {
    assertThat(step.isNative()).isEqualTo(isNative);
    assertThat(step.bounded()).isEqualTo(bounded);
    assertThat(step.restarts()).isEqualTo(restarts);
    assertThat(step.readsForeignObjects()).isEqualTo(foreign);
  }

  @ParameterizedTest
  @EnumSource(
      value = JobStep.Pool.class,
      names = {"ENCODING", "GENERATION", "MARKING"})
  void threadsInNativeCodeAreKnown(JobStep.Pool pool) {
    assertThat(pool.isNative()).isTrue();
    assertThat(pool.label()).isEqualTo("utter-" + pool.name().toLowerCase(Locale.ROOT));
  }

  private Job decoded(String id) {
    Job job = jobs.add(TestingDeliveries.delivery(Topics.WORK_NORMAL, 0), START, TraceSpan.NONE);
    job.decoded(request(id).build());
    return job;
  }

  private static SynthesisRequested.Builder request(String id) {
    return SynthesisRig.request(id, "Hello.").setRequestedAt(START);
  }

  private static Job job(String lane, int starts) {
    return new Job(TestingDeliveries.delivery(lane, starts), START);
  }
}
