package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.ContextNoteKind;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.intake.TestingDeliveries.Watched;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.storage.object.ObjectLocation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way a job can go, from its record to its outcome. */
class JobLifeTest extends JobRig {
  @Test
  void aRequestHasOneClipAndOneOutcome() {
    // When
    Watched watched = take(1, request("life-1", "Hello.").build());
    String outcome = end(watched);

    // Then
    assertThat(outcome).isEqualTo("completed");
    SynthesisCompleted event = completed(watched);
    assertThat(event.getRequestId()).isEqualTo("life-1");
    assertThat(event.getAttempt()).isEqualTo(1);
    assertThat(event.getWorker()).isEqualTo("worker-1");
    assertThat(event.getAttributes()).containsEntry("asked-by", "test");
    assertThat(event.getTimings().getWatermarkMillis()).isEqualTo(3000);
    assertThat(event.getContextNotes()).isEmpty();
    assertThat(event.getSignature()).isNull();
    byte[] stored =
        store.read(ObjectLocation.newest(event.getAudio().getBucket(), event.getAudio().getKey()));
    assertThat(stored).isEqualTo("Hello.".getBytes(UTF_8));
    assertThat(event.getAudio().getSha256()).isEqualTo(Sha256.hex(stored));
    assertThat(event.getAudio().getSizeBytes()).isEqualTo(stored.length);
    assertThat(watched.outcome().records().get(0).key()).isEqualTo("life-1".getBytes(UTF_8));
    assertThat(watched.delivery().starts()).isEqualTo(1);
    assertThat(watched.startsTakenBack()).isZero();
    assertThat(reports.seen)
        .containsExactly("step context", "generated 30", "step watermark", "step storage");
    assertThat(broken).isEmpty();
  }

  @Test
  void everyStepOfAJobHasASpan() {
    // When
    end(take(1, request("life-26", "Hello.").build()));

    // Then
    await().atMost(PATIENCE).until(() -> span.events().contains("publication ends"));
    assertThat(span.events())
        .containsSubsequence("preparation begins", "encoding begins", "generation begins")
        .containsSubsequence("generation ends", "storage begins", "publication begins")
        .containsSubsequence(
            "send utter.completed begins",
            "send utter.completed ends",
            "job has utter.attempt 1",
            "job has utter.outcome completed",
            "job ends")
        .filteredOn("generation begins"::equals)
        .hasSize(1);
  }

  @Test
  void theStartOfAGenerationIsAnnounced() {
    // When
    end(take(1, request("life-28", "Hello.").build()));

    // Then
    await().atMost(PATIENCE).until(() -> !kafka.history().isEmpty());
    assertThat(kafka.history())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.topic()).isEqualTo(Topics.STARTED);
              assertThat(record.key()).isEqualTo("life-28".getBytes(UTF_8));
            });
  }

  @Test
  void theSpanOfAJobThatAnotherWorkerOwnsNowEnds() {
    // Given
    Watched dropped = take(1, request("life-27", "hold six").build());
    awaitBeginning(dropped, "hold six");

    // When
    dropped.drop(synthesizer);

    // Then
    assertThat(span.events()).contains("generation ends", "job has utter.outcome dropped");
  }

  @Test
  void aClipThatIsStoredIsTheOutcomeWithoutBeingSpokenAgain() {
    // Given
    SynthesisRequested request = request("life-2", "Hello.").build();
    end(take(1, request));
    int spoken = model.spoken.size();

    // When: another worker
    synthesizer = synthesizer();
    Watched again = take(1, request);

    // Then
    assertThat(end(again)).isEqualTo("completed");
    assertThat(completed(again).getAttempt()).isEqualTo(1);
    assertThat(completed(again).getTimings().getGenerationMillis()).isZero();
    assertThat(model.spoken).hasSize(spoken);
    assertThat(reports.seen).endsWith("reused");
    assertThat(again.delivery().starts()).isZero();
  }

  @Test
  void aFurtherRecordOfAFinishedRequestHasNoOutcomeUnlessAnOperatorSentIt() {
    // Given
    SynthesisRequested request = request("life-3", "Hello.").build();
    end(take(1, request));

    // When
    Watched second = take(2, request);
    Watched redriven =
        TestingDeliveries.watched(
            Topics.WORK_NORMAL,
            3,
            "life-3".getBytes(UTF_8),
            serializer.serialize(Topics.WORK_NORMAL, request));
    redriven.delivery().record().headers().add(DeadLetterHeaders.REDRIVES, new byte[] {'1'});

    // Then
    assertThat(end(second)).isEqualTo("duplicate");
    assertThat(second.outcome().records()).isEmpty();
    assertThat(end(take(redriven))).isEqualTo("completed");
    assertThat(header(redriven.outcome().records().get(0), DeadLetterHeaders.REDRIVES))
        .isEqualTo("1");
  }

  @Test
  void contextIsFetchedUnderASeparateStartAndEncodedOnce() {
    // Given
    put("voice.wav");
    recording =
        new Recording(
            recording.clip(),
            List.of(new AudioNote(AudioNote.Kind.CLIPPED, Duration.ofMillis(40), "too loud")));

    // When
    Watched first = take(1, withContext("life-4", "voice.wav"));
    String outcome = end(first);
    Watched second = take(2, withContext("life-5", "voice.wav"));

    // Then
    assertThat(outcome).isEqualTo("completed");
    assertThat(first.startsTakenBack()).isEqualTo(1);
    assertThat(first.delivery().starts()).isEqualTo(1);
    assertThat(completed(first).getContextNotes())
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.getContext()).isZero();
              assertThat(note.getKind()).isEqualTo(ContextNoteKind.CLIPPED);
              assertThat(note.getPositionMillis()).isEqualTo(40);
              assertThat(note.getMessage()).isEqualTo("too loud");
            });
    assertThat(end(second)).isEqualTo("completed");
    assertThat(model.encoded).hasValue(1);
    assertThat(reports.seen).containsSubsequence("codes false", "codes true");
  }

  @Test
  void contextThatIsMissingFailsTheRequestWithItsField() {
    // When
    Watched watched = take(1, withContext("life-6", "nothing.wav"));

    // Then
    assertThat(end(watched)).isEqualTo("context_not_found");
    assertThat(failed(watched).getField()).isEqualTo("context[0].audio");
    assertThat(failed(watched).getCode()).isEqualTo(FailureCode.CONTEXT_NOT_FOUND);
    assertThat(watched.outcome().records()).as("no dead letter").hasSize(1);
    assertThat(model.beginnings).isEmpty();
  }

  @Test
  void bytesThatAreNoRequestBecomeADeadLetterAndAFailureUnderTheirKey() {
    // When
    Watched named = take(0, 1, "life-7", new byte[] {1, 2, 3});
    Watched unnamed = take(0, 2, "no id", new byte[] {1, 2, 3});

    // Then
    assertThat(end(named)).isEqualTo("undecodable");
    assertThat(failed(named).getRequestId()).isEqualTo("life-7");
    assertThat(failed(named).getMessage()).startsWith("the admitted record cannot be read: ");
    assertThat(named.outcome().deadLetters()).isEqualTo(1);
    assertThat(named.outcome().records()).hasSize(2);
    assertThat(end(unnamed)).isEqualTo("undecodable");
    assertThat(unnamed.outcome().records())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.topic()).isEqualTo(Topics.DEAD_LETTERS);
              assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("UNDECODABLE");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "mute, empty_audio, ''",
    "long, context_too_long, context",
    "crowded, context_too_long, context"
  })
  void whatTheEngineRefusesFailsTheRequest(String text, String outcome, String field) {
    // When
    Watched watched = take(1, request("life-" + text, text).build());

    // Then
    assertThat(end(watched)).isEqualTo(outcome);
    assertThat(failed(watched).getField()).isEqualTo(field.isEmpty() ? null : field);
    assertThat(failed(watched).getAttempt()).isEqualTo(text.equals("crowded") ? 0 : 1);
    assertThat(failed(watched).getAttributes()).containsEntry("asked-by", "test");
    assertThat(watched.outcome().deadLetters()).isZero();
  }

  @Test
  void aRequestThatBreaksARuleFailsBeforeAnythingIsStarted() {
    // When
    Watched watched =
        take(
            1,
            request("life-8", "Hello.")
                .setOptions(SynthesisRig.options().setTopK(101).build())
                .build());

    // Then
    assertThat(end(watched)).isEqualTo("invalid_request");
    assertThat(failed(watched).getField()).isEqualTo("options.topK");
    assertThat(watched.delivery().starts()).isZero();
  }

  @Test
  void aDeadlineThatIsPastEndsTheRequest() {
    // When
    Watched watched = take(1, request("life-9", "Hello.").setDeadline(clock.instant()).build());

    // Then
    assertThat(end(watched)).isEqualTo("deadline_exceeded");
    assertThat(failed(watched).getField()).isEqualTo("deadline");
  }

  @Test
  void anErrorInTheEngineBeginsTheAttemptAnewAndTheNextOneCounts() {
    // When
    Watched watched = take(1, request("life-10", "throw 1").build());

    // Then
    assertThat(end(watched)).isEqualTo("completed");
    assertThat(completed(watched).getAttempt()).isEqualTo(2);
    assertThat(watched.failedAttempts()).isEqualTo(1);
    assertThat(reports.seen).contains("unexpected as asked");
  }

  @Test
  void aRequestThatFailsInEveryAttemptIsGivenUpWithADeadLetter() {
    // When
    Watched watched = take(1, request("life-11", "throw 9").build());

    // Then
    assertThat(end(watched)).isEqualTo("internal");
    assertThat(failed(watched).getAttempt()).isEqualTo(3);
    assertThat(failed(watched).getMessage())
        .startsWith("unexpected error in attempt 3, the last one: ")
        .contains("as asked");
    assertThat(watched.outcome().deadLetters()).isEqualTo(1);
    assertThat(header(watched.outcome().records().get(1), DeadLetterHeaders.REASON))
        .isEqualTo("INTERNAL");
  }

  @Test
  void anErrorInMarkingBeginsTheAttemptAnewAndARefusalFailsTheRequest() {
    // Given
    markingFailures.add(new IllegalStateException("once"));

    // When
    Watched shaky = take(1, request("life-12", "Hello.").build());
    String outcome = end(shaky);
    markingFailures.add(
        new RequestFailedException(FailureCode.WATERMARK_NOT_DETECTED, null, "too short"));
    Watched refused = take(2, request("life-13", "Hello.").build());

    // Then
    assertThat(outcome).isEqualTo("completed");
    assertThat(completed(shaky).getAttempt()).isEqualTo(2);
    assertThat(end(refused)).isEqualTo("watermark_not_detected");
    assertThat(markings).hasValue(3);
  }

  @Test
  void aRecordThatUsedUpItsAttemptsIsGivenUpBeforeAnotherIsBegun() {
    // When
    Watched exhausted = take(3, 1, "life-14", serialized(request("life-14", "Hello.").build()));
    Watched last = take(2, 2, "life-15", serialized(request("life-15", "Hello.").build()));

    // Then
    assertThat(end(exhausted)).isEqualTo("attempts_exhausted");
    assertThat(failed(exhausted).getMessage())
        .isEqualTo("3 attempts were begun and none ended; the worker died in each");
    assertThat(exhausted.outcome().deadLetters()).isEqualTo(1);
    assertThat(end(last)).isEqualTo("completed");
    assertThat(completed(last).getAttempt()).isEqualTo(3);
  }

  @Test
  void aSuspectFetchesItsContextAndIsSpokenUnderOneStart() {
    // Given
    put("suspect.wav");

    // When
    Watched watched = take(1, 1, "life-16", serialized(withContext("life-16", "suspect.wav")));

    // Then
    assertThat(end(watched)).isEqualTo("completed");
    assertThat(watched.delivery().starts()).isEqualTo(2);
    assertThat(watched.startsTakenBack()).isZero();
  }

  @Test
  void anEngineThatIsBrokenBreaksTheWorkerAndNoRequest() {
    // When
    Watched watched = take(1, request("life-17", "break 1").build());

    // Then
    await()
        .atMost(PATIENCE)
        .until(() -> !watched.obey(synthesizer).outcomes().isEmpty() || !broken.isEmpty());
    assertThat(broken).containsExactly("the engine is broken: as asked");
    assertThat(watched.outcomes()).isEmpty();
  }

  @Test
  void aGenerationThatIsCancelledEndsWithinAFrame() {
    // Given
    Watched watched = take(1, request("life-18", "hold one").build());
    awaitBeginning(watched, "hold one");

    // When
    synthesizer.cancel("life-18", PublisherKey.NONE);

    // Then
    assertThat(end(watched)).isEqualTo("cancelled");
    assertThat(failed(watched).getMessage()).isEqualTo("the request was cancelled by its caller");
    assertThat(model.spoken).isEmpty();
  }

  @Test
  void aGenerationThatAnotherWorkerOwnsNowEndsWithoutAnOutcome() {
    // Given
    Watched dropped = take(1, request("life-19", "hold two").build());
    awaitBeginning(dropped, "hold two");
    Watched waiting = take(2, request("life-20", "Hello.").build());

    // When
    dropped.drop(synthesizer);

    // Then
    assertThat(end(waiting)).isEqualTo("completed");
    assertThat(dropped.obey(synthesizer).outcomes()).isEmpty();
    assertThat(model.spoken).containsExactly("Hello.");
  }

  @Test
  void reportsWhatWaitsAndHowLongJobsAreHeld() {
    // Given
    Watched holding = take(1, request("life-21", "hold three").build());
    awaitBeginning(holding, "hold three");
    Watched waiting = take(2, request("life-22", "Hello.").build());
    await().atMost(PATIENCE).until(() -> synthesizer.waiting() == 1);

    // When
    clock.advance(Duration.ofSeconds(20));
    synthesizer.sweep();

    // Then
    assertThat(reports.queue).isEqualTo("1 1");
    assertThat(reports.oldestJob).isEqualTo(Duration.ofSeconds(20));
    assertThat(reports.oldest).containsEntry("storage", Duration.ZERO);
    assertThat(reports.oldest.values()).contains(Duration.ofSeconds(20));

    // When
    model.release("hold three");

    // Then
    assertThat(end(holding)).isEqualTo("completed");
    assertThat(end(waiting)).isEqualTo("completed");
    assertThat(synthesizer.waiting()).isZero();
    synthesizer.sweep();
    assertThat(reports.queue).isEqualTo("0 0");
    assertThat(reports.oldestJob).isZero();
  }

  @Test
  void aRequestThatIsCancelledWhileItWaitsLeavesItsPlace() {
    // Given
    Watched holding = take(1, request("life-23", "hold four").build());
    awaitBeginning(holding, "hold four");
    Watched waiting = take(2, request("life-24", "Hello.").build());
    await().atMost(PATIENCE).until(() -> synthesizer.waiting() == 1);

    // When
    synthesizer.cancel("life-24", PublisherKey.NONE);

    // Then
    assertThat(end(waiting)).isEqualTo("cancelled");
    assertThat(synthesizer.waiting()).isZero();
    assertThat(model.beginnings).containsExactly("hold four");
  }

  @Test
  void aStoreThatIsAwayIsWaitedForOutsideTheWindow() {
    // Given
    Watched holding = take(1, request("life-25", "hold five").build());
    awaitBeginning(holding, "hold five");
    s3.stop();

    // When
    model.release("hold five");
    await().atMost(PATIENCE).until(() -> reports.seen.contains("retrying storage"));
    s3.start();

    // Then
    assertThat(end(holding)).isEqualTo("completed");
    assertThat(completed(holding).getAttempt()).isEqualTo(1);
    assertThat(markings).hasValue(1);
  }
}
