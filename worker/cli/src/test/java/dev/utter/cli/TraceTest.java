package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.traces.ReceivedSpan;
import dev.utter.embedded.traces.ReceivedSpan.Kind;
import dev.utter.embedded.traces.ReceivedSpan.Link;
import dev.utter.embedded.traces.TraceReceiver;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.SynthesisClient;
import dev.utter.producer.command.ProducerTraces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces and headers of outcomes, from a client through a worker's process. */
@Tag("integration")
class TraceTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final String PARENT = "00-" + TRACE + "-" + CALLER + "-01";
  private static final String TEXT = "My secret is seven.";
  private static final int HUGE = 500_000;

  @TempDir private Path folder;
  private final TraceReceiver receiver = TraceReceiver.start();
  private ChildWorkers workers;
  private PublishedRecords published;
  private ChildWorkers.Child worker;

  @BeforeEach
  void start() throws Exception {
    workers = new ChildWorkers(folder);
    worker =
        workers.worker(
            "traced",
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(),
                "OTEL_BSP_SCHEDULE_DELAY", "100",
                "UTTER_CLOUD_EVENTS_ENABLED", "true"));
    workers.awaitReady(worker);
    published = new PublishedRecords(workers.stack);
  }

  @AfterEach
  void stop() {
    published.close();
    workers.close();
    receiver.close();
  }

  @Test
  void aTraceLeadsFromTheCallerThroughEveryStepToTheOutcomeAndItsVerdict() throws Exception {
    // When
    Map<String, String> producer = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    try (ProducerTraces traces = ProducerTraces.open(producer);
        SynthesisClient client =
            new SynthesisClient(
                kafka(), ChildWorkers.PATIENCE, Optional.empty(), traces.requests())) {
      client.publish(request("good-1"), PARENT).get();
    }
    ConsumerRecord<byte[], byte[]> completed = published.record(Topics.COMPLETED, "good-1");
    ConsumerRecord<byte[], byte[]> verified = published.record(Topics.VERIFIED, "good-1");

    // Then
    ReceivedSpan sent = span("good-1", "send utter.requests");
    assertThat(sent.parentId()).contains(CALLER);
    assertThat(sent.resource()).containsEntry("service.name", "utter-producer");
    ReceivedSpan admission = span("good-1", "process utter.requests");
    assertThat(admission.parentId()).contains(sent.spanId());
    ReceivedSpan admitted = span("good-1", "send utter.work.normal");
    assertThat(admitted.parentId()).contains(admission.spanId());
    ReceivedSpan synthesis = span("good-1", "process utter.work.normal");
    assertThat(synthesis.parentId()).contains(admitted.spanId());
    assertThat(synthesis.attributes())
        .containsEntry("utter.outcome", "completed")
        .containsEntry("utter.attempt", "1")
        .containsEntry("messaging.consumer.group.name", "utter-synthesis");
    assertThat(below(synthesis))
        .containsExactlyInAnyOrder(
            "preparation",
            "encoding",
            "generation",
            "marking",
            "storage",
            "publication",
            "send utter.completed");
    ReceivedSpan outcome = span("good-1", "send utter.completed");
    assertThat(outcome.kind()).isEqualTo(Kind.PRODUCER);
    assertThat(outcome.traceId()).isEqualTo(TRACE);
    assertThat(traceParent(completed)).startsWith(traceParent(outcome));

    // And
    ReceivedSpan verification = span("good-1", "process utter.completed");
    assertThat(verification.links()).containsExactly(new Link(TRACE, outcome.spanId()));
    assertThat(verification.traceId()).isNotEqualTo(TRACE);
    ReceivedSpan verdict = span("good-1", "send utter.verified");
    assertThat(verdict.parentId()).contains(verification.spanId());
    assertThat(traceParent(verified)).startsWith(traceParent(verdict));
    assertThat(receiver.spans())
        .noneMatch(ReceivedSpan::failed)
        .noneMatch(span -> span.toString().contains(TEXT))
        .filteredOn(span -> span.traceId().equals(TRACE))
        .hasSize(11);

    // And
    assertThat(worker.said().lines().filter(line -> line.contains("Request finished")))
        .singleElement()
        .asString()
        .contains("requestId=good-1", "traceId=" + TRACE);
    assertThat(headers(completed))
        .containsEntry("ce_specversion", "1.0")
        .containsEntry("ce_type", "dev.utter.events.SynthesisCompleted")
        .containsEntry("ce_source", "/utter")
        .containsEntry("ce_subject", "good-1")
        .containsEntry("content-type", "application/avro")
        .containsKeys("ce_id", "ce_time");
    assertThat(headers(verified)).containsEntry("ce_type", "dev.utter.events.WatermarkVerified");
  }

  @Test
  void aDeadLetterIsInTheTraceOfItsRecordAndHostileContextsAreIgnored() throws Exception {
    // Given
    byte[] huge = new byte[HUGE];
    Arrays.fill(huge, (byte) '0');

    // When
    try (KafkaProducer<byte[], byte[]> producer = workers.producer(Map.of())) {
      send(producer, "bad-1", PARENT.getBytes(UTF_8));
      send(producer, "bad-2", huge);
    }
    ConsumerRecord<byte[], byte[]> letter = published.record(Topics.DEAD_LETTERS, "bad-1");
    ConsumerRecord<byte[], byte[]> other = published.record(Topics.DEAD_LETTERS, "bad-2");

    // Then
    ReceivedSpan admission = span("bad-1", "process utter.requests");
    assertThat(admission.parentId()).contains(CALLER);
    assertThat(admission.attributes()).containsEntry("error.type", DeadLetterHeaders.UNDECODABLE);
    assertThat(below(admission))
        .containsExactlyInAnyOrder("send utter.failed", "send utter.dead-letters");
    ReceivedSpan sent = span("bad-1", "send utter.dead-letters");
    assertThat(sent.traceId()).isEqualTo(TRACE);
    assertThat(traceParent(letter)).startsWith(traceParent(sent));
    ReceivedSpan another = span("bad-2", "send utter.dead-letters");
    assertThat(another.traceId()).isNotEqualTo(TRACE);
    assertThat(traceParent(other)).startsWith(traceParent(another));
    assertThat(headers(published.record(Topics.FAILED, "bad-1")))
        .containsEntry("ce_type", "dev.utter.events.SynthesisFailed")
        .containsEntry("ce_subject", "bad-1");
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String id, byte[] parent)
      throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(Topics.REQUESTS, id.getBytes(UTF_8), "no request".getBytes(UTF_8));
    record.headers().add("traceparent", parent);
    producer.send(record).get();
  }

  private static SynthesisRequested request(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText(TEXT)
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(2_000).build())
        .setRequestedAt(Instant.now())
        .build();
  }

  private KafkaAccess kafka() {
    return new KafkaAccess(
        workers.stack.bootstrapServers(), workers.stack.schemaRegistryUrl(), Map.of());
  }

  /** The span of this name about a request, once it is there. */
  private ReceivedSpan span(String id, String name) {
    await(name)
        .atMost(ChildWorkers.PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> spans(id, name).findFirst().isPresent());
    return spans(id, name).findFirst().orElseThrow();
  }

  private Stream<ReceivedSpan> spans(String id, String name) {
    return receiver.spans().stream()
        .filter(span -> id.equals(span.attributes().get("utter.request.id")))
        .filter(span -> span.name().equals(name));
  }

  private List<String> below(ReceivedSpan parent) {
    return receiver.spans().stream()
        .filter(span -> span.parentId().equals(Optional.of(parent.spanId())))
        .map(ReceivedSpan::name)
        .toList();
  }

  /** Without the flags. */
  private static String traceParent(ReceivedSpan span) {
    return "00-" + span.traceId() + "-" + span.spanId() + "-";
  }

  private static String traceParent(ConsumerRecord<byte[], byte[]> record) {
    return headers(record).get("traceparent");
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    return Stream.of(record.headers().toArray())
        .collect(Collectors.toMap(Header::key, header -> new String(header.value(), UTF_8)));
  }
}
