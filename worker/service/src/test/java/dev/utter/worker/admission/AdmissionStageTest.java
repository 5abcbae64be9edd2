package dev.utter.worker.admission;

import static dev.utter.worker.admission.AdmissionRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.streams.KeyPartitioner;
import dev.utter.worker.streams.topics.TopicLimits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.streams.TopologyDescription;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AdmissionStageTest {
  private final AdmissionRig rig = new AdmissionRig(AdmissionSettings.defaults());

  @AfterEach
  void close() {
    rig.close();
  }

  static Stream<Arguments> lanes() {
    return Stream.of(
        Arguments.of(Priority.INTERACTIVE, Topics.WORK_INTERACTIVE),
        Arguments.of(Priority.NORMAL, Topics.WORK_NORMAL),
        Arguments.of(Priority.BULK, Topics.WORK_BULK));
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void aGoodRequestReachesTheLaneOfItsPriorityByteForByte(Priority priority, String lane) {
    // When
    byte[] published = rig.publish(request("a").setPriority(priority).build());

    // Then
    List<TestRecord<byte[], byte[]>> records = rig.records(lane);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
    assertThat(records.get(0).value()).isEqualTo(published);
    assertThat(rig.admitted()).isEmpty();
    assertThat(rig.reports).containsExactly("admitted " + priority);
  }

  @Test
  void aRepetitionIsDroppedEvenIfItWasStampedAgain() {
    // Given
    rig.publish(request("a").build());

    // When
    rig.publish(request("a").setRequestedAt(AdmissionRig.START.plusSeconds(3)).build());

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures()).isEmpty();
    assertThat(rig.reports).containsExactly("admitted NORMAL", "repeated");
  }

  @Test
  void aFaultInAdmissionIsADeadLetterAndTheOneOutcomeOfItsRequest() {
    // Given
    rig.breakOnce();

    // When
    byte[] published = rig.publish(request("a").build());
    rig.publish(request("a").build());
    rig.publish(request("b").build());

    // Then
    List<SynthesisFailed> failures = rig.failures();
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0).getRequestId()).isEqualTo("a");
    assertThat(failures.get(0).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(failures.get(0).getMessage()).contains("index 7");
    assertThat(rig.records(Topics.DEAD_LETTERS))
        .singleElement()
        .satisfies(letter -> assertThat(letter.value()).isEqualTo(published));
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.reports)
        .containsExactly(
            "refused INTERNAL", "dead letter utter.requests", "repeated", "admitted NORMAL");
  }

  @Test
  void theOrderOfAttributesMakesNoOtherContent() {
    // Given
    Map<String, String> oneWay = new LinkedHashMap<>();
    oneWay.put("tenant", "1");
    oneWay.put("campaign", "2");
    Map<String, String> otherWay = new LinkedHashMap<>();
    otherWay.put("campaign", "2");
    otherWay.put("tenant", "1");
    rig.publish(request("a").setAttributes(oneWay).build());

    // When
    rig.publish(request("a").setAttributes(otherWay).build());

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void oneIdWithTwoContentsFailsAsDuplicate() {
    // Given
    rig.publish(request("a").build());

    // When
    rig.publish(request("a").setText("Something else.").build());

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getRequestId()).isEqualTo("a");
              assertThat(failure.getCode()).isEqualTo(FailureCode.DUPLICATE_ID);
              assertThat(failure.getField()).isEqualTo("requestId");
            });
  }

  @Test
  void aRefusedRequestSentAgainFailsOnlyOnce() {
    // Given
    SynthesisRequested refused = request("a").setText("").build();
    rig.publish(refused);

    // When
    rig.publish(refused);

    // Then
    assertThat(rig.failures()).hasSize(1);
  }

  @Test
  void aCancellationThatComesFirstHolds() {
    // Given
    rig.cancel("a");

    // When
    rig.publish(request("a").build());

    // Then
    assertThat(rig.admitted()).isEmpty();
    assertThat(rig.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.getCode()).isEqualTo(FailureCode.CANCELLED));
  }

  @Test
  void aCancellationAfterAdmissionLeavesTheRecordInItsLane() {
    // Given
    rig.publish(request("a").build());

    // When
    rig.cancel("a");
    rig.publish(request("a").build());

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void anIdIsForgottenAfterItsRetention() {
    // Given
    rig.publish(request("old").build());
    rig.advance(Duration.ofDays(6));
    rig.publish(request("young").build());

    // When
    rig.advance(Duration.ofDays(2));
    rig.publish(request("old").setText("Another text.").build());
    rig.publish(request("young").setText("Another text.").build());

    // Then
    assertThat(rig.failures()).extracting(SynthesisFailed::getRequestId).containsExactly("young");
  }

  @Test
  void aRecordThatIsNotAvroBecomesADeadLetterAndTheNextOneIsAdmitted() {
    // Given
    byte[] poison = "{\"requestId\":\"a\"}".getBytes(StandardCharsets.UTF_8);

    // When
    rig.publishBytes(Topics.REQUESTS, "a", poison);
    rig.publish(request("b").build());

    // Then
    TestRecord<byte[], byte[]> letter = rig.records(Topics.DEAD_LETTERS).get(0);
    assertThat(letter.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
    assertThat(letter.value()).isEqualTo(poison);
    assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo(Topics.REQUESTS);
    assertThat(header(letter, DeadLetterHeaders.PARTITION)).isEqualTo("0");
    assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("0");
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(DeadLetterHeaders.UNDECODABLE);
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).contains("magic byte 0x7b");
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getRequestId()).isEqualTo("a");
              assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
              assertThat(failure.getMessage()).contains("magic byte 0x7b");
            });
  }

  @Test
  void aRecordThatCannotBeReadGivesNoOutcomeToAnIdThatIsTaken() {
    // Given
    rig.publish(request("a").build());

    // When
    rig.publishBytes(Topics.REQUESTS, "a", new byte[] {1, 2, 3});

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void aRecordThatCannotBeReadTakesItsId() {
    // When
    rig.publishBytes(Topics.REQUESTS, "a", new byte[] {1, 2, 3});
    rig.publishBytes(Topics.REQUESTS, "a", new byte[] {1, 2, 3});
    rig.publish(request("a").build());

    // Then
    assertThat(rig.admitted()).isEmpty();
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getCode)
        .containsExactly(FailureCode.INVALID_REQUEST, FailureCode.DUPLICATE_ID);
  }

  @Test
  void aRecordThatCannotBeReadUnderAnInvalidIdIsADeadLetterOnly() {
    // When
    rig.publishBytes(Topics.REQUESTS, "no id", new byte[] {1, 2, 3});
    rig.publishBytes(Topics.REQUESTS, null, new byte[] {1, 2, 3});

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(2);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void aRequestWithItsSchemaIdInAHeaderIsAdmittedWithThatHeader() {
    // Given
    byte[] whole = rig.bytes(request("a").build());

    // When
    rig.publishBytes(
        Topics.REQUESTS,
        "a",
        Arrays.copyOfRange(whole, 5, whole.length),
        "__value_schema_id",
        Arrays.copyOf(whole, 5));

    // Then
    assertThat(rig.admitted())
        .singleElement()
        .satisfies(
            record ->
                assertThat(record.headers().lastHeader("__value_schema_id").value())
                    .isEqualTo(Arrays.copyOf(whole, 5)));
  }

  @Test
  void anUnknownSchemaIdBecomesADeadLetter() {
    // When
    rig.publishBytes(
        Topics.REQUESTS, "a", ByteBuffer.allocate(9).put((byte) 0).putInt(4_000).array());

    // Then
    assertThat(header(rig.records(Topics.DEAD_LETTERS).get(0), DeadLetterHeaders.MESSAGE))
        .contains("schema id 4000 is not in the registry");
  }

  @Test
  void aRecordWithoutKeyOrValueBecomesADeadLetter() {
    // When
    rig.publishBytes(Topics.REQUESTS, null, null);

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
  }

  @Test
  void anUndecodableCancellationBecomesADeadLetter() {
    // When
    rig.publishBytes(Topics.CANCELLATIONS, "a", new byte[] {1, 2, 3});

    // Then
    assertThat(header(rig.records(Topics.DEAD_LETTERS).get(0), DeadLetterHeaders.TOPIC))
        .isEqualTo(Topics.CANCELLATIONS);
  }

  @Test
  void aCancellationUnderAnotherKeyBecomesADeadLetter() {
    // When
    rig.cancel("b", "a");
    rig.publish(request("a").build());

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(rig.admitted()).hasSize(1);
  }

  static Stream<String> foreignKeys() {
    return Stream.of("b", "", null);
  }

  @ParameterizedTest
  @MethodSource("foreignKeys")
  void aRequestUnderAnotherKeySaysNothingOfTheIdInsideAndDoesNotTakeIt(String key) {
    // When
    rig.publish(key, request("a").setText("").build());
    rig.publish(request("a").build());

    // Then
    assertThat(rig.failures()).isEmpty();
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.records(Topics.DEAD_LETTERS))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(header(letter, DeadLetterHeaders.MESSAGE))
                    .contains("must be the requestId \"a\""));
    assertThat(rig.reports).containsExactly("dead letter utter.requests", "admitted NORMAL");
  }

  @Test
  void aRepetitionWithADeadlineComputedAgainIsDropped() {
    // Given
    rig.publish(request("a").setDeadline(AdmissionRig.START.plusSeconds(30)).build());

    // When
    rig.publish(request("a").setDeadline(AdmissionRig.START.plusSeconds(33)).build());

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void aRecordThatWasForwardedAndIsStillMisplacedIsADeadLetterAndGoesNoFurther() {
    // Given: the driver has one partition, the ids belong to two
    try (AdmissionRig two =
        new AdmissionRig(AdmissionSettings.defaults(), 2, TopicLimits.defaults())) {

      // When
      two.publish(request(idIn(1)).build());
      two.publish(request(idIn(0)).build());

      // Then
      assertThat(two.reports)
          .containsExactlyInAnyOrder(
              "forwarded utter.requests", "dead letter utter.requests", "admitted NORMAL");
      assertThat(two.failures()).isEmpty();
      assertThat(two.admitted()).hasSize(1);
    }
  }

  @Test
  void aMisplacedRecordThatCannotBeReadIsForwardedAndAnsweredOnlyWhereItsKeyBelongs() {
    // Given: the driver has one partition, the ids belong to two
    try (AdmissionRig two =
        new AdmissionRig(AdmissionSettings.defaults(), 2, TopicLimits.defaults())) {

      // When
      two.publishBytes(Topics.REQUESTS, idIn(1), new byte[] {1, 2, 3});
      two.publishBytes(Topics.REQUESTS, idIn(0), new byte[] {1, 2, 3});

      // Then
      assertThat(two.reports).contains("forwarded utter.requests");
      assertThat(two.records(Topics.REQUESTS))
          .singleElement()
          .satisfies(record -> assertThat(header(record, Placement.FORWARDED)).isEqualTo("0"));
      assertThat(two.failures()).extracting(SynthesisFailed::getRequestId).containsExactly(idIn(0));
    }
  }

  @Test
  void aRequestLargerThanALaneTakesIsRefused() {
    // Given
    TopicLimits limits = new TopicLimits(() -> Map.of(Topics.WORK_NORMAL, 20_000));
    try (AdmissionRig narrow = new AdmissionRig(AdmissionSettings.defaults(), 1, limits)) {

      // When
      narrow.publish(
          request("a")
              .setAttributes(Map.of("note", "x".repeat(16_000)))
              .setText("y".repeat(3900))
              .build());
      narrow.publish(request("b").build());

      // Then
      assertThat(narrow.failures())
          .singleElement()
          .satisfies(
              failure -> {
                assertThat(failure.getRequestId()).isEqualTo("a");
                assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
                assertThat(failure.getMessage()).contains("at most 19800");
              });
      assertThat(narrow.admitted()).hasSize(1);
    }
  }

  @Test
  void anEntryOfANewerWorkerBreaksThisOneAndIsNoDeadLetter() {
    // Given
    rig.store("a", new byte[] {3, 0, 0, 0, 0, 0, 0, 0, 0, 0});

    // Then
    SynthesisRequested request = request("a").build();
    assertThatThrownBy(() -> rig.publish(request))
        .isInstanceOf(StreamsException.class)
        .rootCause()
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining("entry of version 3, this worker reads up to 2");
    assertThat(rig.records(Topics.DEAD_LETTERS)).isEmpty();
  }

  static Stream<String> hostileIds() {
    return Stream.of(
        "", "../../etc/passwd", "a\nINFO forged log line", "x".repeat(10_000), "caf\u00e9");
  }

  @ParameterizedTest
  @MethodSource("hostileIds")
  void aHostileIdFailsUnderASafeOne(String id) {
    // When
    rig.publish(request(id).build());
    rig.publish(request("good").build());

    // Then
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getRequestId()).matches("invalid:[A-Za-z0-9._:-]{0,57}");
              assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
              assertThat(failure.getField()).isEqualTo("requestId");
              assertThat(failure.getMessage()).matches("[ -~]{1,300}");
            });
    assertThat(rig.admitted()).hasSize(1);
  }

  @Test
  void aRequestTooLargeForTheLaneIsRefused() {
    // When
    rig.publish(
        request("a").setText("Hello.").setAttributes(Map.of("blob", "x".repeat(800_000))).build());

    // Then
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
              assertThat(failure.getMessage()).contains("at most 786432");
              assertThat(failure.getAttributes()).isEmpty();
            });
  }

  @Test
  void attributesAreEchoed() {
    // When
    rig.publish(request("a").setText(" ").setAttributes(Map.of("tenant", "7")).build());

    // Then
    assertThat(rig.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.getAttributes()).containsEntry("tenant", "7"));
  }

  private static String idIn(int partition) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "id-" + i)
        .filter(id -> KeyPartitioner.partition(id.getBytes(StandardCharsets.UTF_8), 2) == partition)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRequestThatFailedWithAFaultIsAdmittedWhenItIsRedriven() {
    // Given
    rig.breakOnce();
    byte[] published = rig.publish(request("a").build());

    // When
    rig.redrive("a", published);
    rig.redrive("a", published);

    // Then
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getCode)
        .containsExactly(FailureCode.INTERNAL);
    assertThat(rig.admitted())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.value()).isEqualTo(published);
              assertThat(header(record, DeadLetterHeaders.REDRIVES)).isEqualTo("1");
            });
    assertThat(rig.reports).endsWith("admitted NORMAL", "repeated");
  }

  @Test
  void aRequestThatHasBecomeReadableIsAdmittedWhenItIsRedriven() {
    // Given
    rig.publishBytes(Topics.REQUESTS, "a", new byte[] {1, 2, 3});

    // When
    rig.redrive("a", rig.bytes(request("a").build()));

    // Then
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getCode)
        .containsExactly(FailureCode.INVALID_REQUEST);
    assertThat(rig.admitted()).hasSize(1);
  }

  @Test
  void aRedrivenRecordThatStillCannotBeReadIsADeadLetterAgainWithoutASecondOutcome() {
    // Given
    byte[] unreadable = {1, 2, 3};
    rig.publishBytes(Topics.REQUESTS, "a", unreadable);

    // When
    rig.redrive("a", unreadable);
    rig.redrive("a", rig.bytes(request("a").build()));

    // Then
    assertThat(rig.failures()).hasSize(1);
    assertThat(rig.records(Topics.DEAD_LETTERS))
        .hasSize(2)
        .last()
        .satisfies(letter -> assertThat(header(letter, DeadLetterHeaders.REDRIVES)).isEqualTo("1"));
    assertThat(rig.admitted()).hasSize(1);
  }

  @Test
  void aRecordThatAnOperatorSkipsFailsUnderItsKeyThoughNothingOfItIsDecoded() {
    // Given
    rig.skips.put(new RecordPosition(Topics.REQUESTS, 0, 0), "its schema is gone");

    // When
    byte[] skipped = rig.publish(request("a").build());
    rig.publish(request("b").build());

    // Then
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getRequestId()).isEqualTo("a");
              assertThat(failure.getCode()).isEqualTo(FailureCode.INTERNAL);
              assertThat(failure.getMessage()).isEqualTo("an operator had the record skipped");
            });
    assertThat(rig.records(Topics.DEAD_LETTERS))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.value()).isEqualTo(skipped);
              assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("SKIPPED_BY_OPERATOR");
              assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isEqualTo("its schema is gone");
            });
    assertThat(rig.admitted()).hasSize(1);

    // When: the cause is removed
    rig.redrive("a", skipped);

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures()).isEmpty();
  }

  @Test
  void aSkippedRepetitionGetsNoSecondOutcome() {
    // Given
    byte[] first = rig.publish(request("a").build());
    rig.skips.put(new RecordPosition(Topics.REQUESTS, 0, 1), "");

    // When
    rig.publishBytes(Topics.REQUESTS, "a", first);

    // Then
    assertThat(rig.failures()).isEmpty();
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(rig.admitted()).hasSize(1);
  }

  @Test
  void aSkippedRecordMovesToThePartitionOfItsKey() {
    // Given: the driver has one partition, and the key belongs to another one
    try (AdmissionRig two =
        new AdmissionRig(AdmissionSettings.defaults(), 2, TopicLimits.defaults())) {
      two.skips.put(new RecordPosition(Topics.REQUESTS, 0, 0), "");

      // When
      two.publish(request(idIn(1)).build());

      // Then
      assertThat(two.reports).contains("forwarded utter.requests");
      assertThat(two.failures()).isEmpty();
      assertThat(two.admitted()).isEmpty();
      assertThat(two.records(Topics.DEAD_LETTERS))
          .first()
          .satisfies(
              letter ->
                  assertThat(header(letter, DeadLetterHeaders.REASON))
                      .isEqualTo(DeadLetterHeaders.SKIPPED));
    }
  }

  @Test
  void aForgedRedriveDoesNotRepeatARequestThatWasAdmittedOrRefused() {
    // Given
    byte[] admitted = rig.publish(request("a").build());
    byte[] refused = rig.publish(request("b").setText("").build());

    // When
    rig.redrive("a", admitted);
    rig.redrive("b", refused);

    // Then
    assertThat(rig.admitted()).hasSize(1);
    assertThat(rig.failures()).extracting(SynthesisFailed::getRequestId).containsExactly("b");
  }

  @Test
  void aRedriveOfAnotherPublisherDoesNotReachTheDeadLetterOfAnId() {
    // Given
    rig.publishBytes(
        Topics.REQUESTS,
        "a",
        new byte[] {1, 2, 3},
        PublisherKey.HEADER,
        "owner".getBytes(StandardCharsets.UTF_8));

    // When
    rig.redrive("a", rig.bytes(request("a").build()));

    // Then
    assertThat(rig.admitted()).isEmpty();
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getCode)
        .containsExactly(FailureCode.INVALID_REQUEST, FailureCode.DUPLICATE_ID);
  }

  @Test
  void theStageNamesExactlyTheTopicsOfItsTopology() {
    // Given
    Set<String> read = new TreeSet<>();
    Set<String> written = new TreeSet<>();
    for (TopologyDescription.Subtopology part : rig.stage().topology().describe().subtopologies()) {
      for (TopologyDescription.Node node : part.nodes()) {
        if (node instanceof TopologyDescription.Source source) {
          read.addAll(source.topicSet());
        } else if (node instanceof TopologyDescription.Sink sink) {
          written.add(sink.topic());
        }
      }
    }

    // Then
    assertThat(rig.stage().inputs()).containsExactlyInAnyOrderElementsOf(read);
    assertThat(rig.stage().outputs()).containsExactlyInAnyOrderElementsOf(written);
    assertThat(rig.stage().equallyPartitioned()).contains(Topics.REQUESTS, Topics.CANCELLATIONS);
    assertThat(rig.stage().name()).as("part of the application id").isEqualTo("admission");
  }

  @Test
  void aRequestIsAdmittedUpToTheSizeThatALaneTakes() {
    // Given: 200 bytes of the topic's limit are kept for the batch
    TopicLimits limits = new TopicLimits(() -> Map.of(Topics.WORK_BULK, 20_000));
    try (AdmissionRig narrow = new AdmissionRig(AdmissionSettings.defaults(), 1, limits)) {
      int free = 19_800 - "a".length() - narrow.bytes(padded("a", 15_000)).length;

      // When
      narrow.publish(padded("a", 15_000 + free));
      narrow.publish(padded("b", 15_000 + free + 1));

      // Then
      assertThat(narrow.reports).containsExactly("admitted NORMAL", "refused INVALID_REQUEST");
    }
  }

  /** A request whose size grows by one byte with each character. */
  private static SynthesisRequested padded(String id, int chars) {
    return request(id)
        .setText("y".repeat(3900))
        .setAttributes(Map.of("note", "x".repeat(chars)))
        .build();
  }

  @Test
  void aCancellationWithAnInvalidIdIsADeadLetterThatSaysWhy() {
    // When
    rig.cancel("no id");

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(header(letter, DeadLetterHeaders.MESSAGE))
                    .startsWith("requestId is \"no id\": it must be"));
  }

  @Test
  void aMisplacedCancellationIsForwardedOnceWithThePartitionItCameFrom() {
    // Given: the driver has one partition, the ids belong to two
    try (AdmissionRig two =
        new AdmissionRig(AdmissionSettings.defaults(), 2, TopicLimits.defaults())) {

      // When
      two.cancel(idIn(1));
      two.publish(request(idIn(1)).build());

      // Then
      assertThat(two.reports).startsWith("forwarded utter.cancellations");
      assertThat(two.records(Topics.CANCELLATIONS))
          .singleElement()
          .satisfies(record -> assertThat(header(record, Placement.FORWARDED)).isEqualTo("0"));
      assertThat(two.records(Topics.DEAD_LETTERS))
          .extracting(letter -> header(letter, DeadLetterHeaders.MESSAGE))
          .containsOnly("the record was forwarded to partition 0, its key belongs to 1 of 2");
      assertThat(two.admitted()).isEmpty();
    }
  }

  @Test
  void anAdmissionWithoutPartitionsIsRefused() {
    assertThatThrownBy(() -> new Placement(Topics.REQUESTS, 0))
        .hasMessage("partitions is 0, must be 1 or more");
  }

  @Test
  void aRedriveThatMeetsTheFaultAgainIsADeadLetterWithoutASecondOutcome() {
    // Given
    rig.breakOnce();
    byte[] published = rig.publish(request("a").build());

    // When
    rig.breakOnce();
    rig.redrive("a", published);

    // Then
    assertThat(rig.failures()).hasSize(1);
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(2);
    assertThat(rig.admitted()).isEmpty();
  }

  @Test
  void aCancellationDoesNotChangeTheAnswerToARecordThatCannotBeRead() {
    // Given
    rig.cancel("a");

    // When
    rig.publishBytes(Topics.REQUESTS, "a", new byte[] {1, 2, 3});
    rig.redrive("a", rig.bytes(request("a").build()));

    // Then
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getCode)
        .containsExactly(FailureCode.INVALID_REQUEST, FailureCode.CANCELLED);
  }

  @Test
  void aRecordWithoutAValueIsAnsweredUnderItsKey() {
    // When
    rig.publishBytes(Topics.REQUESTS, "a", null);

    // Then
    assertThat(rig.records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(rig.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.getRequestId()).isEqualTo("a");
              assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
            });
    assertThat(rig.reports)
        .containsExactly("refused INVALID_REQUEST", "dead letter utter.requests");
  }

  @Test
  void theAttributesOfARefusedRequestAreEchoedUpToTheirLimitsAndNotPastThem() {
    // Given
    Map<String, String> longest = Map.of("k", "v".repeat(RequestRules.MAX_ATTRIBUTE_CHARS - 1));
    Map<String, String> most = attributes(RequestRules.MAX_ATTRIBUTES);

    // When
    rig.publish(request("a").setText(" ").setAttributes(longest).build());
    rig.publish(request("b").setText(" ").setAttributes(most).build());
    rig.publish(request("c").setText(" ").setAttributes(attributes(most.size() + 1)).build());

    // Then
    assertThat(rig.failures())
        .extracting(SynthesisFailed::getAttributes)
        .containsExactly(longest, most, Map.of());
  }

  private static Map<String, String> attributes(int entries) {
    return IntStream.range(0, entries).boxed().collect(Collectors.toMap(i -> "k" + i, i -> "v"));
  }

  @Test
  void anIdIsRememberedForItsWholeRetention() {
    // Given
    rig.publish(request("a").build());

    // When
    rig.advance(Duration.ofDays(7));
    rig.publish(request("a").build());

    // Then
    assertThat(rig.reports).endsWith("repeated");
  }

  private static String header(TestRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
