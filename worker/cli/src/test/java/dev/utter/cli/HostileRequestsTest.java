package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Single hostile records against one worker with a small heap; a good request follows each. */
@Tag("integration")
class HostileRequestsTest {
  private static final int REPETITIONS = 10_000;
  private static final int CANCELLATIONS = 100_001;
  private static final int CONNECTIONS = 50;

  @TempDir private static Path folder;
  private static ChildWorkers workers;
  private static ChildWorkers.Child worker;
  private static EventSerializer serializer;
  private static KafkaProducer<byte[], byte[]> producer;
  private static PublishedRecords published;

  @BeforeAll
  static void start() throws Exception {
    workers = new ChildWorkers(folder);
    serializer =
        new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
    producer = workers.producer(Map.of());
    published = new PublishedRecords(workers.stack);
    worker = workers.worker("worker", Map.of("UTTER_REGISTRY_UNKNOWN_SCHEMA_WAIT", "5s"));
    workers.awaitReady(worker);
  }

  @AfterAll
  static void stop() {
    published.close();
    producer.close();
    serializer.close();
    workers.close();
  }

  @AfterEach
  void theWorkerIsUpAndSpeaksTheNextGoodRequest() throws Exception {
    String id = "good-" + UUID.randomUUID();
    send(id, good(id));
    assertThat(published.completed(id).getAttempt()).isEqualTo(1);
    assertThat(worker.process().isAlive()).as(worker.said()).isTrue();
    workers.awaitReady(worker);
  }

  static Stream<Arguments> objectsThatAreNotThere() {
    return Stream.of(
        Arguments.of("context/a.wav", "3sL4kqtJlcpXroDTDmJ-rmSpXd3dIbrHY"),
        Arguments.of("context/a.wav", "~".repeat(256)),
        Arguments.of("context/\u202egpj.wav", null),
        Arguments.of("context/a\u2028b\u0085c", null),
        Arguments.of("context/" + "\ud83d\ude00".repeat(254), null));
  }

  @ParameterizedTest
  @MethodSource("objectsThatAreNotThere")
  void anObjectThatIsNotThereFailsItsRequestInPlainText(String key, String version)
      throws Exception {
    // Given
    String id = id();
    ObjectReference audio = new ObjectReference(ChildWorkers.BUCKET, key, version);

    // When
    send(id, good(id).setContext(List.of(new ContextUtterance(0, "Hello.", audio))));

    // Then
    SynthesisFailed failed = published.failed(id);
    assertThat(failed.getCode())
        .as(failed.getMessage())
        .isIn(
            FailureCode.CONTEXT_NOT_FOUND,
            FailureCode.CONTEXT_UNREADABLE,
            FailureCode.INVALID_REQUEST);
    assertThat(failed.getField()).startsWith("context[0].audio");
    assertThat(failed.getMessage()).matches("[\\x20-\\x7e]+");
    assertThat(worker.said()).doesNotContain("\u202e", "\u2028", "\u0085");
  }

  static Stream<Arguments> valuesThatAreNoRecords() {
    return Stream.of(
        Arguments.of("null", null),
        Arguments.of("empty", new byte[0]),
        Arguments.of("four bytes", new byte[4]),
        Arguments.of("magic byte 1", new byte[] {1, 0, 0, 0, 1, 0}),
        Arguments.of("schema id -1", new byte[] {0, -1, -1, -1, -1, 0}),
        Arguments.of("schema id 2^31-1", new byte[] {0, 0x7f, -1, -1, -1, 0}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("valuesThatAreNoRecords")
  void aValueThatIsNoRecordIsADeadLetter(String name, byte[] value) throws Exception {
    // When
    RecordMetadata sent = send(new ProducerRecord<>(Topics.REQUESTS, key(id()), value));

    // Then
    assertThat(published.deadLetter(sent)).startsWith("UNDECODABLE ");
  }

  @Test
  void aRecordUnderAnotherKeyThanItsIdSaysNothingAboutThatId() throws Exception {
    // Given
    String victim = id();
    String other = id();
    byte[] value = bytes(good(victim));

    // When
    RecordMetadata strange = send(new ProducerRecord<>(Topics.REQUESTS, key(other), value));
    RecordMetadata without = send(new ProducerRecord<>(Topics.REQUESTS, null, value));

    // Then
    assertThat(published.deadLetter(strange)).contains("key");
    assertThat(published.deadLetter(without)).contains("key");
    assertThat(published.outcomes(victim)).isZero();

    // When
    send(victim, good(victim));

    // Then
    assertThat(published.completed(victim).getAttempt()).isEqualTo(1);
    assertThat(published.outcomes(victim)).isEqualTo(1);
  }

  @Test
  void aRequestInEveryPartitionHasOneOutcome() throws Exception {
    // Given
    String id = id();
    byte[] value = bytes(good(id));

    // When
    for (int partition = 0; partition < 2; partition++) {
      send(new ProducerRecord<>(Topics.REQUESTS, partition, key(id), value));
    }

    // Then
    assertThat(published.completed(id).getAttempt()).isEqualTo(1);
    theWorkerIsUpAndSpeaksTheNextGoodRequest();
    assertThat(published.outcomes(id)).isEqualTo(1);
  }

  @Test
  void aRequestThatIsRepeatedTenThousandTimesIsSpokenOnce() throws Exception {
    // Given
    String id = id();
    byte[] value = bytes(good(id));

    // When
    for (int i = 0; i < REPETITIONS; i++) {
      producer.send(new ProducerRecord<>(Topics.REQUESTS, key(id), value));
    }
    send(id, good(id).setText("Something else."));

    // Then
    assertThat(published.failed(id).getCode()).isEqualTo(FailureCode.DUPLICATE_ID);
    assertThat(published.completed(id).getAttempt()).isEqualTo(1);
    assertThat(published.outcomes(id)).isEqualTo(2);
  }

  /** Cancellations of one publisher do not make the worker forget those of others. */
  @Test
  void aCancellationIsRememberedBehindAHundredThousandOthers() throws Exception {
    // Given
    String id = id();
    cancel(id).get();

    // When
    for (int i = 0; i < CANCELLATIONS; i++) {
      cancel("nobody-" + i);
    }
    producer.flush();
    send(id, good(id));

    // Then
    outcomeIs(id, "CANCELLED");
  }

  @Test
  void healthAnswersBesideConnectionsThatSayNothing() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      // Given
      for (int i = 0; i < CONNECTIONS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), worker.port());
        sockets.add(socket);
        socket.getOutputStream().write("GET /health/ready HTTP/1.1\r\n".getBytes(UTF_8));
      }

      // Then
      workers.awaitReady(worker);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void attributesAreEchoedUpToTheirLimitAndNotBeyond() throws Exception {
    // Given
    String within = id();
    String beyond = id();
    Map<String, String> attributes = new HashMap<>();
    for (int i = 10; i < 74; i++) {
      attributes.put("k" + i, "\u20ac".repeat(253));
    }

    // When
    send(within, good(within).setAttributes(Map.copyOf(attributes)));
    attributes.put("one", "more");
    send(beyond, good(beyond).setAttributes(attributes));

    // Then
    assertThat(published.completed(within).getAttributes()).hasSize(64);
    SynthesisFailed failed = published.failed(beyond);
    assertThat(failed.getMessage()).isEqualTo("attributes is 65 entries: must have 64 at most");
    assertThat(failed.getAttributes()).isEmpty();
  }

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("control token", "<|end_of_text|>", "INVALID_REQUEST"),
        Arguments.of("speaker tag", "[1] Hello.", "completed"),
        Arguments.of("4,000 zero width spaces", "\u200b".repeat(4000), "CONTEXT_TOO_LONG"),
        Arguments.of("nothing but a zero width space", "\u200b", "completed"),
        Arguments.of("NUL", "a\0b", "completed"),
        Arguments.of("right to left override", "\u202eolleh", "completed"),
        Arguments.of(
            "one letter with 3,999 accents", "e" + "\u0301".repeat(3999), "CONTEXT_TOO_LONG"),
        Arguments.of("100,000 letters", "x".repeat(100_000), "INVALID_REQUEST"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  void anOddTextIsSpokenOrRefused(String name, String text, String outcome) throws Exception {
    // Given
    String id = id();

    // When
    send(id, good(id).setText(text));

    // Then
    outcomeIs(id, outcome);
  }

  /** A text with the bytes of half a surrogate pair, which no Java string can encode. */
  @Test
  void bytesThatAreNoUnicodeAreRefused() throws Exception {
    // Given
    String id = id();
    byte[] value = bytes(good(id).setText("ABC"));
    String latin = new String(value, StandardCharsets.ISO_8859_1);
    byte[] broken =
        latin.replace("ABC", "\u00ed\u00a0\u0080").getBytes(StandardCharsets.ISO_8859_1);

    // When
    send(new ProducerRecord<>(Topics.REQUESTS, key(id), broken));

    // Then
    SynthesisFailed failed = published.failed(id);
    assertThat(failed.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failed.getField()).isEqualTo("text");
  }

  static Stream<Arguments> numbers() {
    return Stream.of(
        request(
            "first deadline",
            r -> r.setDeadline(Instant.ofEpochMilli(Long.MIN_VALUE)),
            "DEADLINE_EXCEEDED"),
        request(
            "last deadline", r -> r.setDeadline(Instant.ofEpochMilli(Long.MAX_VALUE)), "completed"),
        options("79 ms", o -> o.setMaxDurationMillis(79), "INVALID_REQUEST"),
        options("80 ms", o -> o.setMaxDurationMillis(80), "WATERMARK_NOT_DETECTED"),
        options("90,001 ms", o -> o.setMaxDurationMillis(90_001), "INVALID_REQUEST"),
        options("temperature 1e-38", o -> o.setTemperature(1e-38f), "completed"),
        options("smallest temperature", o -> o.setTemperature(Float.MIN_VALUE), "completed"),
        options("temperature NaN", o -> o.setTemperature(Float.NaN), "INVALID_REQUEST"),
        options("temperature -0", o -> o.setTemperature(-0f), "INVALID_REQUEST"),
        options("first seed", o -> o.setSeed(Long.MIN_VALUE), "completed"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("numbers")
  void aNumberAtTheEdgeIsUsedOrRefused(
      String name, UnaryOperator<SynthesisRequested.Builder> change, String outcome)
      throws Exception {
    // Given
    String id = id();

    // When
    send(id, change.apply(good(id)));

    // Then
    outcomeIs(id, outcome);
  }

  @Test
  void aDeadlineThatPassesOnTheWayHasOneOutcome() throws Exception {
    // Given
    String id = id();

    // When
    send(id, good(id).setDeadline(Instant.now().plusMillis(50)));

    // Then
    theWorkerIsUpAndSpeaksTheNextGoodRequest();
    assertThat(published.outcomes(id)).isEqualTo(1);
  }

  private static Arguments request(
      String name, UnaryOperator<SynthesisRequested.Builder> change, String outcome) {
    return Arguments.of(name, change, outcome);
  }

  private static Arguments options(
      String name, UnaryOperator<GenerationOptions.Builder> change, String outcome) {
    return request(
        name,
        request ->
            request.setOptions(
                change.apply(GenerationOptions.newBuilder(request.getOptions())).build()),
        outcome);
  }

  /** Checks that the outcome is a clip of the first attempt, or a failure with this code. */
  private static void outcomeIs(String id, String outcome) {
    if (outcome.equals("completed")) {
      SynthesisCompleted completed = published.completed(id);
      assertThat(completed.getAttempt()).isEqualTo(1);
    } else {
      SynthesisFailed failed = published.failed(id);
      assertThat(failed.getCode().name()).as(failed.getMessage()).isEqualTo(outcome);
    }
    assertThat(published.outcomes(id)).isEqualTo(1);
  }

  private static SynthesisRequested.Builder good(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Hello.")
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(1000).setSeed(7L).build())
        .setRequestedAt(Instant.now());
  }

  private static void send(String id, SynthesisRequested.Builder request) throws Exception {
    send(new ProducerRecord<>(Topics.REQUESTS, key(id), bytes(request)));
  }

  private static RecordMetadata send(ProducerRecord<byte[], byte[]> record) throws Exception {
    return producer.send(record).get();
  }

  private static Future<RecordMetadata> cancel(String id) {
    SynthesisCancelled cancelled =
        SynthesisCancelled.newBuilder().setRequestId(id).setCancelledAt(Instant.now()).build();
    return producer.send(
        new ProducerRecord<>(
            Topics.CANCELLATIONS, key(id), serializer.serialize(Topics.CANCELLATIONS, cancelled)));
  }

  private static byte[] bytes(SynthesisRequested.Builder request) {
    return serializer.serialize(Topics.REQUESTS, request.build());
  }

  private static byte[] key(String id) {
    return id.getBytes(UTF_8);
  }

  private static String id() {
    return "hostile-" + UUID.randomUUID();
  }
}
