package dev.utter.producer.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequestProgressTest {
  private final RequestProgress start = RequestProgress.of(SampleEvents.REQUEST_ID);

  @Test
  void aFailureFinishesARequest() {
    // When
    RequestProgress progress = start.with(SampleEvents.failed(FailureCode.CANCELLED));

    // Then
    assertThat(progress.isFinished()).isTrue();
    assertThat(progress.state()).contains(RequestState.FAILED);
  }

  @Test
  void aRefusedDuplicateIsNotTheOutcomeOfTheFirstRequest() {
    // When
    RequestProgress refused = start.with(SampleEvents.failed(FailureCode.DUPLICATE_ID));
    RequestProgress finished =
        refused.with(SampleEvents.completed()).with(SampleEvents.verified(Verdict.MATCH));

    // Then
    assertThat(refused.isFinished()).isFalse();
    assertThat(refused.failed()).isEmpty();
    assertThat(refused.refused()).isPresent();
    assertThat(finished.isFinished()).isTrue();
    assertThat(finished.state()).contains(RequestState.VERIFIED);
  }

  @Test
  void aRefusedRecordUnderAnotherKeyIsNotTheOutcomeOfTheRequestItNames() {
    // When
    RequestProgress refused = start.with(SampleEvents.wrongKey(SampleEvents.REQUEST_ID));

    // Then
    assertThat(refused.isFinished()).isFalse();
    assertThat(refused.refused()).isPresent();
  }

  @Test
  void aRowThatSaysFailedDoesNotEndTheState() {
    // Given
    RequestStatus row =
        RequestStatus.newBuilder()
            .setRequestId(SampleEvents.REQUEST_ID)
            .setState(RequestState.FAILED)
            .build();

    // When
    RequestProgress progress = start.with(row).with(SampleEvents.completed());

    // Then
    assertThat(progress.state()).contains(RequestState.COMPLETED);
  }

  @Test
  void aClipFinishesARequestOnlyOnceItIsVerified() {
    // When
    RequestProgress completed = start.with(SampleEvents.completed());
    RequestProgress verified = completed.with(SampleEvents.verified(Verdict.MATCH));

    // Then
    assertThat(completed.isFinished()).isFalse();
    assertThat(verified.isFinished()).isTrue();
  }

  @Test
  void theVerdictMayBeSeenBeforeTheCompletion() {
    // When
    RequestProgress progress =
        start.with(SampleEvents.verified(Verdict.MATCH)).with(SampleEvents.completed());

    // Then
    assertThat(progress.isFinished()).isTrue();
    assertThat(progress.state()).contains(RequestState.VERIFIED);
  }

  @Test
  void anAnswerToARequestForVerificationIsNotTheVerdictOnTheClip() {
    // When
    RequestProgress asked = start.with(SampleEvents.answered(Verdict.OBJECT_CHANGED));
    RequestProgress completed = asked.with(SampleEvents.completed());
    RequestProgress verified =
        completed
            .with(SampleEvents.verified(Verdict.MATCH))
            .with(SampleEvents.answered(Verdict.NOT_FOUND));

    // Then
    assertThat(asked).isEqualTo(start);
    assertThat(completed.isFinished()).isFalse();
    assertThat(verified.verified().orElseThrow().getVerdict()).isEqualTo(Verdict.MATCH);
  }

  @ParameterizedTest
  @EnumSource(
      value = RequestState.class,
      names = {"ADMITTED", "RUNNING", "UNKNOWN"})
  void aStatusRowSeenLateDoesNotResetTheState(RequestState late) {
    // Given
    RequestStatus row =
        RequestStatus.newBuilder().setRequestId(SampleEvents.REQUEST_ID).setState(late).build();

    // When
    RequestProgress progress = start.with(SampleEvents.completed()).with(row);

    // Then
    assertThat(progress.state()).contains(RequestState.COMPLETED);
  }
}
