package dev.utter.worker.admission;

import static dev.utter.worker.admission.AdmissionRig.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.publisher.PublisherLimits;
import dev.utter.worker.publisher.PublisherSettings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishers: who owns which request, and how much each may publish. */
class AdmissionPublisherTest {
  private static final AdmissionSettings SETTINGS = AdmissionSettings.defaults();
  private AdmissionRig rig = new AdmissionRig(SETTINGS);

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void theCancellationOfAnotherPublishersRequestIsDroppedAndCounted() {
    // Given
    rig.publishAs("a", request("order-1").build());

    // When
    rig.cancelAs("b", "order-1");
    rig.cancel("order-1");

    // Then
    assertThat(rig.reports)
        .containsExactly(
            "admitted NORMAL", "foreign utter.cancellations", "foreign utter.cancellations");
    assertThat(rig.records(Topics.DEAD_LETTERS)).isEmpty();
  }

  @Test
  void aCancellationInAdvanceHoldsForItsOwnPublisherOnly() {
    // Given
    for (String id : List.of("order-1", "order-2")) {
      rig.cancelAs("b", id);
    }

    // When
    rig.publishAs("a", request("order-1").build());
    rig.publishAs("b", request("order-2").build());

    // Then
    assertThat(rig.reports).containsExactly("admitted NORMAL", "refused CANCELLED");
  }

  @Test
  void cancellationsOfOthersInAdvanceDoNotPreventThatOfTheOwner() {
    // Given
    rig.cancelAs("b", "order-1");
    rig.cancelAs("c", "order-1");
    rig.cancelAs("a", "order-1");

    // When
    rig.publishAs("a", request("order-1").build());

    // Then
    assertThat(rig.reports).containsExactly("refused CANCELLED");
  }

  @Test
  void theIdOfAnotherPublisherIsRefusedWithTheSameMessageForEveryContent() {
    // Given: an admitted request, and one that was refused
    rig.publishAs("a", request("order-1").build());
    rig.publishAs("a", request("order-2").setText(" ").build());
    rig.failures();

    // When: the same content, another content, and the id of the refused one
    rig.publishAs("b", request("order-1").build());
    rig.publishAs("b", request("order-1").setText("Something else.").build());
    rig.publishAs("b", request("order-2").build());

    // Then
    List<SynthesisFailed> failures = rig.failures();
    assertThat(failures)
        .extracting(SynthesisFailed::getCode)
        .containsOnly(FailureCode.DUPLICATE_ID);
    assertThat(failures)
        .extracting(SynthesisFailed::getMessage)
        .containsExactly(
            "requestId is \"order-1\": another publisher has it",
            "requestId is \"order-1\": another publisher has it",
            "requestId is \"order-2\": another publisher has it");
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.reports).filteredOn("foreign utter.requests"::equals).hasSize(3);
  }

  @Test
  void theOwnerOfAnIdStillRepeatsAndCancelsIt() {
    // Given
    rig.publishAs("a", request("order-1").build());
    rig.publishAs("b", request("order-1").build());

    // When
    rig.publishAs("a", request("order-1").build());
    rig.cancelAs("a", "order-1");

    // Then
    assertThat(rig.reports)
        .containsExactly(
            "admitted NORMAL", "foreign utter.requests", "refused DUPLICATE_ID", "repeated");
  }

  @Test
  void anEntryFromBeforePublishersWereDistinguishedBelongsToAnyPublisher() {
    // Given: version, cancelled, time; and with a request its fingerprint
    SynthesisRequested known = request("known").build();
    ByteBuffer time = ByteBuffer.allocate(8).putLong(0, AdmissionRig.START.toEpochMilli());
    rig.store(
        "known",
        ByteBuffer.allocate(42)
            .put(new byte[] {1, 0})
            .put(time.duplicate())
            .put(Fingerprint.of(known).bytes())
            .array());
    rig.store(
        "cancelled", ByteBuffer.allocate(10).put(new byte[] {1, 1}).put(time.duplicate()).array());

    // When
    rig.publishAs("a", known);
    rig.publishAs("a", request("known").setText("Something else.").build());
    rig.cancelAs("b", "known");
    rig.publishAs("a", request("cancelled").build());

    // Then
    assertThat(rig.reports)
        .containsExactly("repeated", "refused DUPLICATE_ID", "refused CANCELLED");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "ä",
        "0123456789012345678901234567890123456789012345678901234567890123456789"
      })
  void aRecordWhosePublisherCannotBeSaidIsADeadLetterWithoutAnEvent(String publisher) {
    // When
    rig.publishAs(publisher, request("order-1").build());
    rig.cancelAs(publisher, "order-1");
    rig.publishAs("a", request("order-1").build());

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(2);
    assertThat(rig.failures()).isEmpty();
    assertThat(rig.admitted()).hasSize(1);
  }

  @Test
  void aLaneCarriesThePublisherThatTheGatewayNamedAndNoneThatWasForged() {
    // Given
    rig.close();
    rig =
        new AdmissionRig(SETTINGS, new PublisherSettings("x-team", PublisherLimits.NONE, Map.of()));

    // When
    byte[] bytes = rig.bytes(request("order-1").build());
    rig.publishBytes(Topics.REQUESTS, "order-1", bytes, "x-team", "a".getBytes(UTF_8));
    rig.publishAs("forged", request("order-2").build());

    // Then
    List<TestRecord<byte[], byte[]>> admitted = rig.admitted();
    assertThat(admitted)
        .extracting(record -> PublisherKey.inLane(record.headers()))
        .containsExactly("a", PublisherKey.NONE);
    assertThat(admitted.get(0).value()).isEqualTo(bytes);
  }

  @Test
  void aPublisherThatHasUsedItsRequestsIsRefusedUntilItHasRoomAgain() {
    // Given
    limit(3, 0);
    IntStream.range(0, 3).forEach(i -> rig.publishAs("a", request("a" + i).build()));

    // When
    rig.publishAs("a", request("too-many").build());
    rig.publishAs("b", request("other").build());
    rig.advance(Duration.ofSeconds(20));
    rig.publishAs("a", request("later").build());
    rig.publishAs("a", request("too-many-again").build());

    // Then
    List<SynthesisFailed> failures = rig.failures();
    assertThat(failures)
        .extracting(SynthesisFailed::getRequestId)
        .containsExactly("too-many", "too-many-again");
    assertThat(failures.get(0).getCode()).isEqualTo(FailureCode.RATE_LIMITED);
    assertThat(failures.get(0).getMessage())
        .isEqualTo(
            "publisher a has used its limit of 3 requests a minute: it has room again in about 20 s");
    assertThat(rig.admitted())
        .extracting(record -> new String(record.key(), UTF_8))
        .containsExactly("a0", "a1", "a2", "other", "later");
    assertThat(rig.reports).filteredOn("refused RATE_LIMITED"::equals).hasSize(2);
    assertThat(rig.reports).filteredOn("admitted NORMAL"::equals).hasSize(5);
  }

  @Test
  void theAudioOfAPublisherIsEstimatedFromItsTexts() {
    // Given: 80 ms a character, but no more than the request allows
    limit(0, 60);
    String halfAMinute = "word ".repeat(75);

    // When
    rig.publishAs("a", spoken("half", halfAMinute, 90_000));
    rig.publishAs("a", spoken("short", halfAMinute, 20_000));
    rig.publishAs("a", spoken("too-long", halfAMinute, 90_000));
    rig.publishAs("a", spoken("fits", "word ".repeat(25), 90_000));

    // Then
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getRequestId)
        .containsExactly("too-long");
    assertThat(rig.admitted()).hasSize(3);
  }

  @Test
  void aRefusedRequestHasTakenItsIdAndWhatBreaksARuleUsesNoLimit() {
    // Given
    limit(1, 0);
    rig.publishAs("a", request("bad").setText(" ").build());
    rig.publishAs("a", request("good").build());
    rig.publishAs("a", request("good").build());
    rig.publishAs("a", request("limited").build());

    // When
    rig.advance(Duration.ofMinutes(2));
    rig.publishAs("a", request("limited").build());

    // Then
    assertThat(rig.reports)
        .containsExactly(
            "refused INVALID_REQUEST",
            "admitted NORMAL",
            "repeated",
            "refused RATE_LIMITED",
            "repeated");
  }

  @Test
  void requestsWithoutAPublisherShareOneLimitAndKeepTheirLane() {
    // Given
    limit(1, 0);

    // When
    rig.publish(request("first").build());
    rig.publish(request("second").build());

    // Then
    assertThat(rig.reports).containsExactly("admitted NORMAL", "refused RATE_LIMITED");
    assertThat(rig.records(Topics.WORK_NORMAL))
        .singleElement()
        .satisfies(record -> assertThat(record.headers().toArray()).isEmpty());
  }

  @Test
  void aPublisherMayHaveOtherLimitsOrNone() {
    // Given
    limit(
        new PublisherLimits(1, 0),
        Map.of(
            "more",
            new PublisherLimits(3, 60),
            "any",
            PublisherLimits.NONE,
            PublisherKey.NONE,
            new PublisherLimits(2, 0)));

    // When
    for (String publisher : List.of("more", "any", "other")) {
      for (int i = 0; i < 4; i++) {
        rig.publishAs(publisher, request(publisher + i).build());
      }
    }
    for (int i = 0; i < 4; i++) {
      rig.publish(request("unnamed" + i).build());
    }

    // Then
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getRequestId)
        .containsExactly("more3", "other1", "other2", "other3", "unnamed2", "unnamed3");
    assertThat(rig.reports).filteredOn("admitted NORMAL"::equals).hasSize(3 + 4 + 1 + 2);
  }

  @Test
  void aRefusalNamesTheLimitOfItsPublisher() {
    // Given
    limit(new PublisherLimits(1, 0), Map.of("a", new PublisherLimits(2, 60)));

    // When
    for (int i = 0; i < 3; i++) {
      rig.publishAs("a", request("a" + i).build());
    }

    // Then
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure ->
                assertThat(failure.getMessage())
                    .startsWith(
                        "publisher a has used its limit of 2 requests a minute and 60 s of audio a"
                            + " minute: "));
  }

  @Test
  void aPublisherWithoutALimitIsNotCounted() {
    // Given
    limit(PublisherLimits.NONE, Map.of("limited", new PublisherLimits(1, 0)));

    // When
    rig.publishAs("limited", request("a").build());
    rig.publishAs("free", request("b").build());

    // Then
    assertThat(rig.records(Topics.LIMITS))
        .singleElement()
        .satisfies(record -> assertThat(record.key()).asString(UTF_8).isEqualTo("limited"));
  }

  @Test
  void aFaultWhileLimitsAreCheckedIsADeadLetterAndTheOneOutcomeOfItsRequest() {
    // Given
    limit(1, 0);
    rig.breakOnce();

    // When
    rig.publishAs("a", request("broken").build());
    rig.publishAs("a", request("next").build());

    // Then
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getRequestId()).isEqualTo("broken");
              assertThat(failure.getCode()).isEqualTo(FailureCode.INTERNAL);
              assertThat(failure.getMessage()).contains("index 7");
            });
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(rig.admitted())
        .singleElement()
        .satisfies(record -> assertThat(record.key()).asString(UTF_8).isEqualTo("next"));
  }

  @Test
  void aRecordOfTheLimitsThatCannotBeReadIsADeadLetterWithoutAnOutcome() {
    // When
    rig.publishBytes(Topics.LIMITS, "a", new byte[] {1, 2, 3});

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void theUsageOfAPublisherIsForgottenAfterAnHourWithoutRequestsAndNotBefore() {
    // Given: nine minutes of audio are owed
    limit(0, 10);
    rig.publishAs("a", spoken("long", "word ".repeat(225), 90_000));

    // When
    rig.advance(Duration.ofMinutes(5));
    rig.publishAs("a", spoken("refused", "word", 90_000));
    rig.advance(Duration.ofMinutes(59));

    // Then
    assertThat(rig.reports).containsExactly("admitted NORMAL", "refused RATE_LIMITED");
    assertThat(rig.countsUsageOf("a")).isTrue();

    // When
    rig.advance(Duration.ofMinutes(2));

    // Then
    assertThat(rig.countsUsageOf("a")).isFalse();
  }

  private static SynthesisRequested spoken(String id, String text, int maxDurationMillis) {
    return request(id)
        .setText(text)
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(maxDurationMillis).build())
        .build();
  }

  private void limit(int requests, int audioSeconds) {
    limit(new PublisherLimits(requests, audioSeconds), Map.of());
  }

  private void limit(PublisherLimits limits, Map<String, PublisherLimits> overrides) {
    rig.close();
    rig = new AdmissionRig(SETTINGS, new PublisherSettings(PublisherKey.HEADER, limits, overrides));
  }
}
