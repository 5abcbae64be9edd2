package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.intake.TestingDeliveries.Watched;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.synthesis.job.JobStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What becomes of a job whose steps fail or wait. */
class JobFailuresTest extends JobRig {
  private void awaitThat(Watched watched, Runnable each, BooleanSupplier done) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              watched.obey(synthesizer);
              each.run();
              return done.getAsBoolean();
            });
  }

  @Test
  void aRecordingThatCannotBeReadNowIsFetchedUnderAnotherStart() {
    // Given
    put("busy.wav");
    decodingFailures.add(new RetryLaterException("no memory for another decoder", null));
    decodingFailures.add(new RetryLaterException("no memory for another decoder", null));

    // When
    Watched watched = take(1, withContext("failing-1", "busy.wav"));

    // Then: each failure and the end of the decoding take a start back
    assertThat(end(watched)).isEqualTo("completed");
    assertThat(decodings).hasValue(3);
    assertThat(watched.startsTakenBack()).isEqualTo(3);
    assertThat(watched.delivery().starts()).isEqualTo(1);
    assertThat(watched.rests()).isEqualTo(2);
    assertThat(watched.isSetAside()).isFalse();
    assertThat(reports.seen).contains("retrying context");
  }

  @Test
  void aJobThatWaitsForItsRecordingLeavesItsPlacesToOthers() {
    // Given: a gate for one recording, and one decoding at a time
    put("stuck.wav");
    decoderBusy = true;
    Watched stuck = take(1, withContext("failing-2", "stuck.wav"));
    awaitThat(stuck, () -> {}, () -> stuck.rests() > 0);

    // When
    Watched other = take(2, request("failing-3", "Hello.").build());

    // Then
    assertThat(end(other)).isEqualTo("completed");
    assertThat(stuck.outcomes()).isEmpty();
    awaitThat(
        stuck,
        () -> synthesizer.cancel("failing-2", PublisherKey.NONE),
        () -> !stuck.outcomes().isEmpty());
    assertThat(stuck.outcomes()).containsExactly("cancelled");
  }

  @Test
  void theContextOfOneRequestIsDecodedWhileTheOneBeforeWaitsForTheEngine() {
    // Given
    put("one.wav");
    put("other.wav");
    Watched holding = take(1, request("failing-4", "hold seven").build());
    awaitBeginning(holding, "hold seven");
    Watched first = take(2, withContext("failing-5", "one.wav"));
    awaitThat(first, () -> {}, () -> synthesizer.waiting() == 1);

    // When
    Watched second = take(3, withContext("failing-6", "other.wav"));
    Watched third = take(4, withContext("failing-7", "other.wav"));
    awaitThat(
        third,
        () -> synthesizer.cancel("failing-7", PublisherKey.NONE),
        () -> !third.outcomes().isEmpty());

    // Then: the gate holds one, the second waits in front of it
    assertThat(third.outcomes()).containsExactly("cancelled");
    assertThat(decodings).hasValue(1);
    model.release("hold seven");
    assertThat(end(holding)).isEqualTo("completed");
    assertThat(end(first)).isEqualTo("completed");
    assertThat(end(second)).isEqualTo("completed");
    assertThat(decodings).hasValue(2);
  }

  @Test
  void theContextOfOneRequestIsDecodedWhileTheOneBeforeIsSpoken() {
    // Given
    put("first.wav");
    put("second.wav");
    Watched first =
        take(
            1,
            SynthesisRequested.newBuilder(withContext("failing-15", "first.wav"))
                .setText("hold eight")
                .build());
    awaitBeginning(first, "hold eight");

    // When
    Watched second = take(2, withContext("failing-16", "second.wav"));

    // Then
    awaitThat(second, () -> {}, () -> decodings.get() == 2);
    model.release("hold eight");
    assertThat(end(first)).isEqualTo("completed");
    assertThat(end(second)).isEqualTo("completed");
  }

  @Test
  void aJobThatIsCancelledWhileItIsMarkedIsNotStored() {
    // Given
    whileMarking = () -> synthesizer.cancel("failing-17", PublisherKey.NONE);

    // When
    Watched watched = take(1, request("failing-17", "Hello.").build());

    // Then
    assertThat(end(watched)).isEqualTo("cancelled");
    assertThat(store.find(ObjectLocation.newest(SynthesisFixture.BUCKET, "clips/failing-17.wav")))
        .isEmpty();
  }

  @Test
  void aJobThatIsCancelledWhileItsStartIsCommittedFetchesNothing() {
    // Given
    put("unwanted.wav");
    Watched watched = take(1, withContext("failing-18", "unwanted.wav"));
    await().atMost(PATIENCE).until(watched::awaitsStart);

    // When
    synthesizer.cancel("failing-18", PublisherKey.NONE);

    // Then
    assertThat(watched.outcomes()).isEmpty();
    assertThat(end(watched)).isEqualTo("cancelled");
    assertThat(decodings).hasValue(0);
  }

  @Test
  void theNextClipIsSpokenWhileTheOneBeforeIsMarked() {
    // Given
    CompletableFuture<Void> marked = new CompletableFuture<>();
    whileMarking = marked::join;
    Watched first = take(1, request("failing-19", "Hello.").build());
    awaitThat(first, () -> {}, () -> markings.get() == 1);

    // When
    Watched second = take(2, request("failing-20", "Hello again.").build());

    // Then
    awaitThat(second, () -> {}, () -> model.spoken.contains("Hello again."));
    assertThat(first.outcomes()).isEmpty();
    marked.complete(null);
    assertThat(end(first)).isEqualTo("completed");
    assertThat(end(second)).isEqualTo("completed");
  }

  @Test
  void clipsThatWaitForAStepGiveTheirPlacesToOthers() {
    // Given
    AtomicBoolean away = new AtomicBoolean(true);
    whileMarking =
        () -> {
          if (away.get()) {
            throw new RetryLaterException("no memory", null);
          }
        };
    List<Watched> waiting = new ArrayList<>();
    for (int i = 0; i < settings.sizes(1).maxFinishing(); i++) {
      Watched each = take(1 + i, request("failing-21-" + i, "Clip " + i).build());
      awaitThat(each, () -> {}, each::isSetAside);
      waiting.add(each);
    }

    // When
    Watched next = take(100, request("failing-22", "Hello.").build());

    // Then
    awaitThat(next, () -> {}, () -> model.spoken.contains("Hello."));
    away.set(false);
    assertThat(end(next)).isEqualTo("completed");
    assertThat(waiting).allSatisfy(each -> assertThat(end(each)).isEqualTo("completed"));
  }

  @Test
  void aStepThatSucceedsForOthersOnlyEndsTheRequestAfterThePatience() {
    // Given
    failingMarking =
        () -> {
          clock.advance(settings.retries().patience());
          health.succeeded(JobStep.MARKING);
        };
    for (int i = 0; i < 3; i++) {
      markingFailures.add(new RetryLaterException("no memory", null));
    }

    // When
    Watched watched = take(1, request("failing-8", "Hello.").build());

    // Then
    assertThat(end(watched)).isEqualTo("internal");
    assertThat(failed(watched).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(failed(watched).getMessage())
        .startsWith("marking failed for ")
        .endsWith("the last time with: no memory");
    assertThat(watched.outcome().deadLetters()).isEqualTo(1);
  }

  @Test
  void anOutcomeThatCannotBeBuiltIsRepeatedAndThenBreaksTheWorker() {
    // Given
    eventFailures.set(7);

    // When
    Watched watched = take(1, request("failing-9", "Hello.").build());
    awaitThat(watched, () -> {}, () -> !broken.isEmpty());

    // Then: as many errors as two requests may have
    assertThat(broken).containsExactly("a failure cannot even be published");
    assertThat(reports.seen).filteredOn("unexpected a defect"::equals).hasSize(7);
    assertThat(watched.outcomes()).isEmpty();
    assertThat(model.spoken).containsExactly("Hello.");
  }

  @Test
  void anOutcomeThatCannotBeBuiltOnceIsPublishedWithoutAnotherAttempt() {
    // Given
    eventFailures.set(1);

    // When
    Watched watched = take(1, request("failing-10", "Hello.").build());

    // Then
    assertThat(end(watched)).isEqualTo("completed");
    assertThat(reports.seen).contains("unexpected a defect");
    assertThat(watched.delivery().starts()).isEqualTo(1);
    assertThat(model.spoken).containsExactly("Hello.");
  }

  @Test
  void anErrorInTheDecoderIsNotShownToTheCaller() {
    // Given
    put("secret.wav");
    for (int i = 0; i < 3; i++) {
      decodingFailures.add(new IllegalStateException("the bytes of a secret"));
    }

    // When
    Watched watched = take(1, withContext("failing-11", "secret.wav"));

    // Then
    assertThat(end(watched)).isEqualTo("internal");
    assertThat(failed(watched).getMessage())
        .isEqualTo("unexpected error in attempt 3, the last one: the worker's log has it");
  }

  @Test
  void aJobWhoseWorkerLosesItWhileItIsMarkedHasNoOutcome() {
    // Given
    markingFailures.add(new NotMineException("another worker has it"));

    // When
    Watched lost = take(1, request("failing-12", "Hello.").build());
    awaitThat(lost, () -> {}, () -> markings.get() == 1 && markingFailures.isEmpty());
    lost.drop(synthesizer);
    Watched next = take(2, request("failing-13", "Hello again.").build());

    // Then
    assertThat(end(next)).isEqualTo("completed");
    assertThat(lost.outcomes()).isEmpty();
  }

  @Test
  void aSkipEndsAJobInPlaceOfItsOwnFailure() {
    // Given
    synthesizer.honour((position, key, value) -> Optional.of("ends the process"));

    // When
    Watched watched = take(1, request("failing-14", "Hello.").build());

    // Then
    assertThat(end(watched)).isEqualTo("skipped");
    assertThat(failed(watched).getMessage()).isEqualTo("an operator had the record skipped");
    assertThat(watched.outcome().deadLetters()).isEqualTo(1);
  }
}
