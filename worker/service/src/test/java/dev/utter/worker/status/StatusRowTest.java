package dev.utter.worker.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.AudioFormat;
import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.events.ModelIdentity;
import dev.utter.events.ObjectReference;
import dev.utter.events.Priority;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.StageTimings;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Verdict;
import dev.utter.events.Watermark;
import dev.utter.events.WatermarkVerified;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusRowTest {
  private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");
  private static final List<RequestState> ORDER =
      List.of(
          RequestState.UNKNOWN,
          RequestState.ADMITTED,
          RequestState.RUNNING,
          RequestState.COMPLETED,
          RequestState.VERIFIED);

  @Test
  void everyOrderOfArrivalEndsInTheSameVerifiedRow() {
    // Given
    List<UnaryOperator<StatusRow>> events =
        List.of(
            row -> row.admitted(Priority.BULK, at(1)),
            row -> row.started(started(1, "first", at(2))),
            row -> row.started(started(2, "second", at(3))),
            row -> row.completed(completed(2, "second", at(4))),
            row -> verified(row, Verdict.MATCH, at(5)),
            row -> asked(row, Verdict.OBJECT_CHANGED, at(2)),
            row -> asked(row, Verdict.OBJECT_MISSING, at(9)));

    // When
    Set<RequestStatus> rows = new LinkedHashSet<>();
    for (List<UnaryOperator<StatusRow>> order : orders(events)) {
      rows.add(apply(order));
    }

    // Then
    assertThat(rows).hasSize(1);
    RequestStatus row = rows.iterator().next();
    assertThat(row.getState()).isEqualTo(RequestState.VERIFIED);
    assertThat(row.getLane()).isEqualTo(Priority.BULK);
    assertThat(row.getWorker()).isEqualTo("second");
    assertThat(row.getAttempt()).isEqualTo(2);
    assertThat(row.getVerdict()).isEqualTo(Verdict.MATCH);
    assertThat(row.getAdmittedAt()).isEqualTo(at(1));
    assertThat(row.getStartedAt()).isEqualTo(at(3));
    assertThat(row.getFinishedAt()).isEqualTo(at(4));
    assertThat(row.getVerifiedAt()).isEqualTo(at(5));
  }

  @Test
  void anIdThatIsUsedAgainLongAfterItsEndBeginsANewRow() {
    // Given
    StatusRow ended =
        verified(
            StatusRow.empty("a").admitted(Priority.BULK, at(1)).completed(completed(1, "w", at(4))),
            Verdict.MATCH,
            at(5));

    // When
    RequestStatus again = ended.admitted(Priority.NORMAL, at(8 * 86_400)).row();
    RequestStatus startedFirst =
        ended
            .started(started(1, "v", at(8 * 86_400 + 1)))
            .admitted(Priority.NORMAL, at(8 * 86_400))
            .row();

    // Then
    assertThat(again.getState()).isEqualTo(RequestState.ADMITTED);
    assertThat(again.getAudio()).isNull();
    assertThat(again.getVerdict()).isNull();
    assertThat(startedFirst.getState()).isEqualTo(RequestState.RUNNING);
    assertThat(startedFirst.getAdmittedAt()).isEqualTo(at(8 * 86_400));
  }

  @Test
  void theStateNeverMovesBackInAnyOrderOfArrival() {
    // Given
    List<UnaryOperator<StatusRow>> events =
        List.of(
            row -> row.admitted(Priority.NORMAL, at(1)),
            row -> row.started(started(1, "w", at(2))),
            row -> row.completed(completed(1, "w", at(4))),
            row -> row.started(started(2, "late", at(6))));

    for (List<UnaryOperator<StatusRow>> order : orders(events)) {
      StatusRow row = StatusRow.empty("a");
      for (UnaryOperator<StatusRow> event : order) {
        // When
        StatusRow next = event.apply(row);

        // Then
        assertThat(ORDER.indexOf(next.row().getState()))
            .isGreaterThanOrEqualTo(ORDER.indexOf(row.row().getState()));
        row = next;
      }
    }
  }

  @Test
  void everyOrderOfArrivalEndsInTheSameFailedRow() {
    // Given
    List<UnaryOperator<StatusRow>> events =
        List.of(
            row -> row.admitted(Priority.NORMAL, at(1)),
            row -> row.started(started(1, "w", at(2))),
            row -> row.failed(failed(FailureCode.EMPTY_AUDIO, at(3))).orElse(row));

    // When
    Set<RequestStatus> rows = new LinkedHashSet<>();
    for (List<UnaryOperator<StatusRow>> order : orders(events)) {
      rows.add(apply(order));
    }

    // Then
    assertThat(rows).hasSize(1);
    assertThat(rows.iterator().next().getState()).isEqualTo(RequestState.FAILED);
    assertThat(rows.iterator().next().getFailureCode()).isEqualTo(FailureCode.EMPTY_AUDIO);
  }

  @Test
  void aDuplicateLeavesTheFirstRequestsRowAlone() {
    // Given
    StatusRow running = StatusRow.empty("a").started(started(1, "w", at(1)));

    // Then
    assertThat(running.failed(failed(FailureCode.DUPLICATE_ID, at(2)))).isEmpty();
    assertThat(StatusRow.empty("a").failed(failed(FailureCode.DUPLICATE_ID, at(2)))).isEmpty();
  }

  @Test
  void aClipOutweighsARefusalUnderAWrongKey() {
    // Given
    StatusRow refused =
        StatusRow.empty("a").failed(failed(FailureCode.INVALID_REQUEST, at(1))).orElseThrow();

    // When
    RequestStatus row = refused.completed(completed(1, "w", at(2))).row();

    // Then
    assertThat(row.getState()).isEqualTo(RequestState.COMPLETED);
    assertThat(row.getFailureCode()).isNull();
    assertThat(row.getFailureMessage()).isNull();
  }

  @Test
  void theLatestCheckGivesTheVerdict() {
    // Given
    StatusRow completed = StatusRow.empty("a").completed(completed(1, "w", at(1)));

    // When
    StatusRow row =
        verified(verified(completed, Verdict.OBJECT_CHANGED, at(9)), Verdict.MATCH, at(3));

    // Then
    assertThat(row.row().getVerdict()).isEqualTo(Verdict.OBJECT_CHANGED);
    assertThat(row.changedAt()).contains(at(9));
  }

  @Test
  void aVerdictThatSaysNothingOfTheClipReplacesNone() {
    // Given
    List<UnaryOperator<StatusRow>> events =
        List.of(
            row -> verified(row, Verdict.KEY_UNKNOWN, at(2)),
            row -> verified(row, Verdict.MATCH, at(4)),
            row -> verified(row, Verdict.KEY_UNKNOWN, at(6)));

    for (List<UnaryOperator<StatusRow>> order : orders(events)) {
      // When
      RequestStatus row = apply(order);

      // Then
      assertThat(row.getVerdict()).isEqualTo(Verdict.MATCH);
      assertThat(row.getVerifiedAt()).isEqualTo(at(4));
    }
    assertThat(apply(List.of(events.get(0))).getVerdict()).isEqualTo(Verdict.KEY_UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource(Verdict.class)
  void aRequestedVerificationMakesAndChangesNoRow(Verdict verdict) {
    // Given
    StatusRow completed = StatusRow.empty("a").completed(completed(1, "w", at(1)));
    WatermarkVerified answer = answered(verdict, at(9));

    // Then
    assertThat(StatusRow.empty("a").verified(answer)).isEmpty();
    assertThat(completed.verified(answer)).isEmpty();
    assertThat(verified(completed, Verdict.MATCH, at(2)).verified(answer)).isEmpty();
  }

  private static RequestStatus apply(List<UnaryOperator<StatusRow>> events) {
    StatusRow row = StatusRow.empty("a");
    for (UnaryOperator<StatusRow> event : events) {
      row = event.apply(row);
    }
    return row.row();
  }

  private static <T> List<List<T>> orders(List<T> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    List<List<T>> all = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      List<T> rest = new ArrayList<>(items);
      T first = rest.remove(i);
      for (List<T> order : orders(rest)) {
        List<T> whole = new ArrayList<>(List.of(first));
        whole.addAll(order);
        all.add(whole);
      }
    }
    return all;
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }

  private static SynthesisStarted started(int attempt, String worker, Instant at) {
    return new SynthesisStarted("a", worker, attempt, at);
  }

  static SynthesisCompleted completed(int attempt, String worker, Instant at) {
    return SynthesisCompleted.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId("a")
        .setAudio(new StoredAudio("utter-clips", "clips/a.wav", null, "e", "0".repeat(64), 10L))
        .setFormat(AudioFormat.WAV_PCM16)
        .setSampleRate(24_000)
        .setDurationMillis(80)
        .setFrames(1)
        .setFinishReason(FinishReason.END_OF_AUDIO)
        .setSeed(7)
        .setModel(new ModelIdentity("m", "r"))
        .setWatermark(new Watermark("silentcipher-44.1k", "k", 1f))
        .setTimings(new StageTimings(1L, 2L, 3L, 4L, 5L))
        .setAttempt(attempt)
        .setWorker(worker)
        .setAttributes(Map.of())
        .setCompletedAt(at)
        .build();
  }

  static SynthesisFailed failed(FailureCode code, Instant at) {
    return SynthesisFailed.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId("a")
        .setCode(code)
        .setMessage("what is wrong")
        .setAttempt(1)
        .setWorker("w")
        .setFailedAt(at)
        .build();
  }

  private static StatusRow verified(StatusRow row, Verdict verdict, Instant at) {
    return row.verified(verified(verdict, at)).orElseThrow();
  }

  private static StatusRow asked(StatusRow row, Verdict verdict, Instant at) {
    return row.verified(answered(verdict, at)).orElse(row);
  }

  /** The answer to a request for verification, of the row's own clip under the row's id. */
  static WatermarkVerified answered(Verdict verdict, Instant at) {
    return WatermarkVerified.newBuilder(verified(verdict, at)).setRequested(true).build();
  }

  static WatermarkVerified verified(Verdict verdict, Instant at) {
    return WatermarkVerified.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId("a")
        .setVerdict(verdict)
        .setAudio(new ObjectReference("utter-clips", "clips/a.wav", null))
        .setConfidence(1f)
        .setKeyId("k")
        .setCheckedAt(at)
        .build();
  }
}
