package dev.utter.worker.synthesis.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.AudioFormat;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.events.GenerationOptions;
import dev.utter.events.Signature;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.cloudevents.CloudEventsSettings;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.synthesis.SynthesisRig;
import dev.utter.worker.synthesis.TestingClock;
import dev.utter.worker.synthesis.TestingSpeechModel;
import dev.utter.worker.synthesis.clip.ClipFacts;
import dev.utter.worker.synthesis.clip.StoredClip;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.StageTimes;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.request.Planner;
import dev.utter.worker.trace.RecordedSpan;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The records that synthesis publishes, written with a real registry. */
class PublishedEventsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static EmbeddedSchemaRegistry registry;

  @BeforeAll
  static void start() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  private final Map<String, Object> properties = Map.of("schema.registry.url", registry.url());
  private final TestingClock clock = new TestingClock(NOW);
  private final EventSerializer serializer = new EventSerializer(properties);
  private final OutcomeEvents events =
      new OutcomeEvents(
          serializer, new CloudEvents(new CloudEventsSettings(true, "/speech")), "worker-1", clock);
  private final RecordedSpan span = new RecordedSpan("job");
  private final SynthesisRequested request =
      SynthesisRig.request("id", "Hello.")
          .setOptions(
              GenerationOptions.newBuilder().setTopK(50).setFormat(AudioFormat.FLAC).build())
          .setAttributes(Map.of("asked-by", "test"))
          .build();
  private final Plan plan =
      new Planner(
              new AccessRules(AccessSettings.defaults(new ObjectPrefix("clips", "clips"))),
              TestingSpeechModel.DESCRIPTION)
          .plan(request);

  @AfterEach
  void close() {
    serializer.close();
  }

  private Job job(int starts, String key) {
    return new Job(
        TestingDeliveries.watched(Topics.WORK_NORMAL, starts, 7, key.getBytes(UTF_8), new byte[3])
            .delivery(),
        NOW,
        span);
  }

  private StoredClip clip(Optional<String> version, Optional<ClipSignature> signature) {
    return new StoredClip(
        plan.destination(),
        new ObjectHead(4711, "etag", version, "audio/flac", Map.of()),
        new ClipFacts(
            "id",
            "fingerprint",
            "beef",
            48_000,
            2400,
            30,
            FinishReason.END_OF_AUDIO,
            -5,
            "csm",
            "0a",
            "key",
            0.85f,
            signature));
  }

  private <T extends SpecificRecord> T read(Class<T> type, ProducerRecord<byte[], byte[]> record) {
    try (EventDeserializer<T> reader = new EventDeserializer<>(type, properties)) {
      return reader.deserialize(record.topic(), record.value());
    }
  }

  private static String header(ProducerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "missing" : new String(header.value(), UTF_8);
  }

  @Test
  void aClipIsDescribedByItsFactsAndWhereItIs() {
    // When
    Outcome outcome =
        events.completed(
            job(2, "id"), plan, clip(Optional.of("v1"), Optional.empty()), StageTimes.NONE);

    // Then
    ProducerRecord<byte[], byte[]> record = outcome.records().get(0);
    SynthesisCompleted event = read(SynthesisCompleted.class, record);
    assertThat(outcome.kind()).isEqualTo("completed");
    assertThat(outcome.records()).hasSize(1);
    assertThat(record.topic()).isEqualTo(Topics.COMPLETED);
    assertThat(record.key()).asString(UTF_8).isEqualTo("id");
    assertThat(event.getEventId()).isNotNull();
    assertThat(event.getRequestId()).isEqualTo("id");
    assertThat(event.getAudio().getBucket()).isEqualTo("clips");
    assertThat(event.getAudio().getKey()).isEqualTo("clips/id.flac");
    assertThat(event.getAudio().getVersionId()).isEqualTo("v1");
    assertThat(event.getAudio().getEtag()).isEqualTo("etag");
    assertThat(event.getAudio().getSha256()).isEqualTo("beef");
    assertThat(event.getAudio().getSizeBytes()).isEqualTo(4711);
    assertThat(event.getFormat()).isEqualTo(AudioFormat.FLAC);
    assertThat(event.getSampleRate()).isEqualTo(48_000);
    assertThat(event.getDurationMillis()).isEqualTo(2400);
    assertThat(event.getFrames()).isEqualTo(30);
    assertThat(event.getFinishReason()).isEqualTo(FinishReason.END_OF_AUDIO);
    assertThat(event.getSeed()).isEqualTo(-5);
    assertThat(event.getModel().getName()).isEqualTo("csm");
    assertThat(event.getModel().getRevision()).isEqualTo("0a");
    assertThat(event.getWatermark().getScheme()).isEqualTo("silentcipher-44.1k");
    assertThat(event.getWatermark().getKeyId()).isEqualTo("key");
    assertThat(event.getWatermark().getConfidence()).isEqualTo(0.85f);
    assertThat(event.getAttempt()).isEqualTo(2);
    assertThat(event.getWorker()).isEqualTo("worker-1");
    assertThat(event.getAttributes()).containsEntry("asked-by", "test");
    assertThat(event.getCompletedAt()).isEqualTo(NOW);
    assertThat(event.getSignature()).isNull();
  }

  @Test
  void theSignatureOfAClipIsPassedOn() {
    // Given
    ClipSignature signature = new ClipSignature("0011", NOW.plusMillis(7), "c2ln");

    // When
    Outcome outcome =
        events.completed(
            job(0, "id"), plan, clip(Optional.empty(), Optional.of(signature)), StageTimes.NONE);

    // Then
    SynthesisCompleted event = read(SynthesisCompleted.class, outcome.records().get(0));
    assertThat(event.getSignature())
        .isEqualTo(
            Signature.newBuilder()
                .setKeyId("0011")
                .setCreatedAt(NOW.plusMillis(7))
                .setValue("c2ln")
                .build());
    assertThat(event.getAudio().getVersionId()).isNull();
    assertThat(event.getAttempt()).as("found before any attempt").isEqualTo(1);
  }

  @Test
  void everyOutcomeIsACloudEventInTheTraceOfItsJob() {
    // When
    Outcome completed =
        events.completed(
            job(1, "id"), plan, clip(Optional.empty(), Optional.empty()), StageTimes.NONE);
    Outcome failed =
        events.failed(job(1, "id"), request, FailureCode.CANCELLED, null, "not wanted", false);

    // Then
    ProducerRecord<byte[], byte[]> clip = completed.records().get(0);
    ProducerRecord<byte[], byte[]> failure = failed.records().get(0);
    assertThat(header(clip, "ce_type")).isEqualTo("dev.utter.events.SynthesisCompleted");
    assertThat(header(failure, "ce_type")).isEqualTo("dev.utter.events.SynthesisFailed");
    assertThat(header(clip, "ce_subject")).isEqualTo("id");
    assertThat(header(clip, "span")).isEqualTo("send utter.completed");
    assertThat(header(failure, "span")).isEqualTo("send utter.failed");
  }

  @Test
  void aFailureNamesItsFieldAndHasADeadLetterOnlyForAnOperator() {
    // When
    Outcome callers =
        events.failed(
            job(1, "id"), request, FailureCode.CONTEXT_NOT_FOUND, "context[0].audio", "no", false);
    Outcome operators =
        events.failed(job(3, "id"), request, FailureCode.INTERNAL, null, "a bug", true);

    // Then
    SynthesisFailed event = read(SynthesisFailed.class, callers.records().get(0));
    assertThat(callers.kind()).isEqualTo("context_not_found");
    assertThat(callers.records()).hasSize(1);
    assertThat(event.getCode()).isEqualTo(FailureCode.CONTEXT_NOT_FOUND);
    assertThat(event.getField()).isEqualTo("context[0].audio");
    assertThat(event.getMessage()).isEqualTo("no");
    assertThat(event.getAttempt()).isEqualTo(1);
    assertThat(event.getWorker()).isEqualTo("worker-1");
    assertThat(event.getAttributes()).containsEntry("asked-by", "test");
    assertThat(event.getFailedAt()).isEqualTo(NOW);
    ProducerRecord<byte[], byte[]> letter = operators.records().get(1);
    assertThat(letter.topic()).isEqualTo(Topics.DEAD_LETTERS);
    assertThat(letter.value()).hasSize(3);
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("INTERNAL");
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isEqualTo("a bug");
    assertThat(header(letter, "span")).isEqualTo("send utter.dead-letters");
  }

  @Test
  void aRequestWithAnInvalidIdFailsUnderASafeOne() {
    // When
    Outcome outcome =
        events.failed(
            job(0, "no id"),
            SynthesisRequested.newBuilder(request).setRequestId("no id").build(),
            FailureCode.INVALID_REQUEST,
            "requestId",
            "wrong",
            false);

    // Then
    ProducerRecord<byte[], byte[]> record = outcome.records().get(0);
    String id = read(SynthesisFailed.class, record).getRequestId();
    assertThat(id).startsWith("invalid:no_id-");
    assertThat(record.key()).asString(UTF_8).isEqualTo(id);
  }

  @Test
  void aSkippedRecordFailsUnderItsKeyAndKeepsTheNoteOfTheOperatorInItsDeadLetter() {
    // Given
    Job job = job(1, "id");
    job.decoded(request);

    // When
    Outcome outcome = events.skipped(job, new SkippedException("ends the process"));

    // Then
    SynthesisFailed event = read(SynthesisFailed.class, outcome.records().get(0));
    ProducerRecord<byte[], byte[]> letter = outcome.records().get(1);
    assertThat(outcome.kind()).isEqualTo("skipped");
    assertThat(event.getRequestId()).isEqualTo("id");
    assertThat(event.getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(event.getMessage()).isEqualTo("an operator had the record skipped");
    assertThat(event.getAttempt()).isEqualTo(1);
    assertThat(event.getWorker()).isEqualTo("worker-1");
    assertThat(event.getFailedAt()).isEqualTo(NOW);
    assertThat(event.getAttributes()).containsEntry("asked-by", "test");
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(DeadLetterHeaders.SKIPPED);
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isEqualTo("ends the process");
  }

  @Test
  void aRecordWithoutAKeyIsADeadLetterAlone() {
    // Given
    Job job =
        new Job(
            TestingDeliveries.watched(Topics.WORK_NORMAL, 7, null, new byte[3]).delivery(), NOW);

    // When
    Outcome outcome = events.undecodable(job, "no magic byte");

    // Then
    assertThat(outcome.records())
        .singleElement()
        .matches(r -> r.topic().equals("utter.dead-letters"));
  }

  @Test
  void aStartIsPublishedUnderTheIdOfItsRequest() {
    // Given
    MockProducer<byte[], byte[]> kafka = kafka();

    // When
    try (StartedEvents started = new StartedEvents(kafka, serializer, "worker-1", clock)) {
      started.publish("id", 2);
    }

    // Then
    ProducerRecord<byte[], byte[]> record = kafka.history().get(0);
    assertThat(record.topic()).isEqualTo(Topics.STARTED);
    assertThat(record.key()).asString(UTF_8).isEqualTo("id");
    assertThat(read(SynthesisStarted.class, record))
        .isEqualTo(
            SynthesisStarted.newBuilder()
                .setRequestId("id")
                .setWorker("worker-1")
                .setAttempt(2)
                .setStartedAt(NOW)
                .build());
    assertThat(kafka.closed()).isTrue();
  }

  @Test
  void aStartThatCannotBePublishedDelaysNothing() {
    // Given
    MockProducer<byte[], byte[]> kafka = kafka();
    kafka.sendException = new IllegalStateException("away");

    // When
    try (StartedEvents started = new StartedEvents(kafka, serializer, "worker-1", clock)) {
      started.publish("id", 1);
    }

    // Then
    assertThat(kafka.history()).isEmpty();
  }

  private static MockProducer<byte[], byte[]> kafka() {
    return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
