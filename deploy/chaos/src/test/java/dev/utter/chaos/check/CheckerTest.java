package dev.utter.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Change;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.events.Topics;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckerTest {

  static Stream<Named<HistoryBuilder>> histories() {
    return Stream.of(
        Named.of("nothing", history()),
        Named.of("a request that went well", history().good("a")),
        Named.of(
            "a repetition",
            history().good("a").asked(2, "a", "a", Publication.REPEAT, Expected.NOTHING, none())),
        Named.of(
            "a conflict that was refused",
            history()
                .good("a")
                .asked(2, "a", "a", Publication.CONFLICT, Expected.NOTHING, none())
                .failed(4, "a", "DUPLICATE_ID")),
        Named.of(
            "a stranger's record that became a dead letter",
            history()
                .asked(0, "a", "k", Publication.FOREIGN_KEY, Expected.DEAD_LETTER_ONLY, none())
                .good("a")
                .deadLetter("k", 0)),
        Named.of(
            "bytes that are no request",
            history()
                .asked(0, "", "u", Publication.UNDECODABLE, Expected.DEAD_LETTER, none())
                .deadLetter("u", 0)
                .failed(3, "u", "INVALID_REQUEST")),
        Named.of(
            "a second attempt after a kill, alone",
            history()
                .good("n")
                .asked(1, "a")
                .started(10, "a", "v", 1)
                .fault(11, true)
                .started(20, "a", "w", 2)
                .completed(30, "a", "w", 2)
                .stored("a")
                .asked(19, "b")
                .started(31, "b", "w", 1)
                .completed(40, "b", "w", 1)
                .stored("b")),
        Named.of(
            "a worker that was asked to stop",
            history()
                .worker(1, Change.STARTED)
                .worker(1, Change.STOP_REQUESTED)
                .worker(1, Change.ENDED)),
        Named.of("a late put that was refused", history().good("a").put("v", "a", 412)));
  }

  static Stream<Arguments> violations() {
    return Stream.of(
        broken(Promise.ONE_OUTCOME, "no outcome", history().asked(1, "a")),
        broken(Promise.ONE_OUTCOME, "two clips", history().good("a").completed(5, "a", "v", 1)),
        broken(
            Promise.ONE_OUTCOME,
            "a clip and a failure",
            history()
                .asked(1, "a", Expected.EITHER, none())
                .completed(3, "a", "w", 1)
                .stored("a")
                .failed(5, "a", "INTERNAL")),
        broken(
            Promise.ONE_OUTCOME,
            "a refusal without a conflict",
            history().good("a").failed(5, "a", "DUPLICATE_ID")),
        broken(
            Promise.ONE_OUTCOME,
            "a conflict without a refusal",
            history().good("a").asked(2, "a", "a", Publication.CONFLICT, Expected.NOTHING, none())),
        broken(
            Promise.RIGHT_OUTCOME,
            "a good request that failed",
            history().asked(1, "a").failed(2, "a", "INTERNAL")),
        broken(
            Promise.RIGHT_OUTCOME,
            "poison that was completed",
            history().asked(1, "a", Expected.FAILED, none()).completed(2, "a", "w", 1).stored("a")),
        broken(Promise.NOTHING_UNASKED, "an outcome unasked", history().failed(2, "x", "INTERNAL")),
        broken(Promise.NOTHING_UNASKED, "an object unasked", history().stored("x")),
        broken(Promise.NOTHING_UNASKED, "a dead letter unasked", history().deadLetter("x", 1)),
        broken(
            Promise.NOTHING_UNASKED,
            "a failure by a stranger's record",
            history()
                .asked(0, "a", "k", Publication.FOREIGN_KEY, Expected.DEAD_LETTER_ONLY, none())
                .deadLetter("k", 0)
                .failed(1, "a", "INVALID_REQUEST")),
        broken(
            Promise.DEAD_LETTER,
            "undecodable bytes that left nothing",
            history()
                .asked(0, "", "u", Publication.UNDECODABLE, Expected.DEAD_LETTER, none())
                .failed(3, "u", "INVALID_REQUEST")),
        broken(
            Promise.DEAD_LETTER,
            "two dead letters for one record",
            history()
                .asked(0, "", "u", Publication.UNDECODABLE, Expected.DEAD_LETTER, none())
                .deadLetter("u", 0)
                .deadLetter("u", 0)
                .failed(3, "u", "INVALID_REQUEST")),
        broken(
            Promise.ONE_OBJECT,
            "a clip that is not there",
            history().asked(1, "a").completed(3, "a", "w", 1)),
        broken(
            Promise.ONE_OBJECT,
            "a clip with other bytes",
            history().asked(1, "a").completed(3, "a", "w", 1).stored("a", "cd", "MATCH")),
        broken(
            Promise.ONE_OBJECT,
            "two clips of one request",
            history()
                .good("a")
                .add(
                    new Entry.Stored(9, "clips/other/a.wav", 100, HistoryBuilder.SHA256, "MATCH"))),
        broken(
            Promise.WRITTEN_ONCE,
            "an object written twice",
            history().good("a").put("v", "a", 200)),
        broken(
            Promise.MARKED,
            "a clip without a mark",
            history()
                .asked(1, "a")
                .completed(3, "a", "w", 1)
                .stored("a", HistoryBuilder.SHA256, "NOT_FOUND")),
        broken(
            Promise.MARKED,
            "a clip that the workers find changed",
            history().good("a").seen(5, Topics.VERIFIED, "a", Map.of("verdict", "OBJECT_CHANGED"))),
        broken(
            Promise.ATTEMPT_LIMIT,
            "a fourth attempt",
            history()
                .asked(1, "a")
                .fault(2, true)
                .fault(2, true)
                .fault(2, true)
                .completed(3, "a", "w", 4)
                .stored("a")),
        broken(
            Promise.ATTEMPT_EARNED,
            "a second attempt without a kill",
            history().asked(1, "a").fault(2, false).completed(3, "a", "w", 2).stored("a")),
        broken(
            Promise.ATTEMPT_EARNED,
            "a second attempt after a kill that came too early",
            history().fault(0, true).asked(1, "a").completed(3, "a", "w", 2).stored("a")),
        broken(
            Promise.SUSPECT_ALONE,
            "a neighbour begins beside a second attempt",
            history()
                .asked(1, "a")
                .fault(2, true)
                .started(20, "a", "w", 2)
                .asked(19, "b")
                .started(25, "b", "w", 1)
                .completed(30, "a", "w", 2)
                .stored("a")
                .completed(40, "b", "w", 1)
                .stored("b")),
        broken(
            Promise.SUSPECT_ALONE,
            "a second attempt begins beside a neighbour",
            history()
                .asked(1, "a")
                .asked(1, "b")
                .fault(2, true)
                .started(15, "b", "w", 1)
                .started(20, "a", "w", 2)
                .completed(30, "a", "w", 2)
                .stored("a")
                .completed(40, "b", "w", 1)
                .stored("b")),
        broken(
            Promise.ADMISSION_BOUND,
            "admission after 5001 ms",
            history()
                .asked(1000, "a", Expected.FAILED, Bound.ADMITTED_DURING_RESTART)
                .inLane(6001, "a")
                .failed(6100, "a", "DEADLINE_EXCEEDED")),
        broken(
            Promise.BEGIN_BOUND,
            "a start after 3001 ms",
            history()
                .asked(1000, "a", Expected.COMPLETED, Bound.BEGUN_BESIDE_DEATH)
                .started(4001, "a", "w", 1)
                .completed(5000, "a", "w", 1)
                .stored("a")),
        broken(
            Promise.WORKER_STAYS,
            "a worker that ended by itself",
            history()
                .worker(1, Change.STARTED)
                .worker(1, Change.KILLED)
                .worker(2, Change.STARTED)
                .worker(2, Change.ENDED)),
        broken(
            Promise.RUN_GOES_ON,
            "a worker that did not get ready",
            history().add(new Entry.Trouble(5, "worker-1 is not ready"))),
        broken(
            Promise.DRAIN_BOUND,
            "work that stands still",
            history().add(new Entry.Drain(9, 1, 120_000, false, 3))));
  }

  @ParameterizedTest
  @MethodSource("histories")
  void aHistoryInWhichEveryPromiseHoldsIsAccepted(HistoryBuilder history) {
    // When
    Verdict verdict = Checker.check(history.history());

    // Then
    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.holds()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("violations")
  void aBrokenPromiseIsFound(Promise promise, HistoryBuilder history) {
    // When
    Verdict verdict = Checker.check(history.history());

    // Then
    assertThat(verdict.violations()).extracting(Violation::promise).containsOnly(promise);
    assertThat(verdict.violations())
        .allSatisfy(violation -> assertThat(violation.toString()).doesNotContain("\n"));
  }

  @Test
  void aHistoryThatBreaksOffIsNotAccepted() {
    // Given
    HistoryBuilder history = history().good("a");

    // When
    Verdict verdict = Checker.check(history.unfinished());

    // Then
    assertThat(verdict.violations())
        .extracting(Violation::promise)
        .containsExactly(Promise.RECORDED);
  }

  @Test
  void momentsWithinTheBoundsAreAcceptedAndReported() {
    // Given
    HistoryBuilder history =
        history()
            .asked(1000, "a", Expected.FAILED, Bound.ADMITTED_DURING_RESTART)
            .inLane(6000, "a")
            .failed(7000, "a", "DEADLINE_EXCEEDED")
            .asked(1000, "b", Expected.COMPLETED, Bound.BEGUN_BESIDE_DEATH)
            .started(4000, "b", "w", 1)
            .completed(5000, "b", "w", 1)
            .stored("b");

    // When
    Verdict verdict = Checker.check(history.history());

    // Then
    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.figures().slowestAdmissionMillis()).isEqualTo(5000);
    assertThat(verdict.figures().slowestBeginMillis()).isEqualTo(3000);
  }

  private static Arguments broken(Promise promise, String what, HistoryBuilder history) {
    return Arguments.of(promise, Named.of(what, history));
  }

  private static HistoryBuilder history() {
    return new HistoryBuilder();
  }

  private static Bound none() {
    return Bound.NONE;
  }
}
