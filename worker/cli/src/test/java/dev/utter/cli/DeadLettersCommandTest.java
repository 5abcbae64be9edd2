package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.operator.letters.Letter;
import dev.utter.worker.operator.letters.LetterFilter;
import dev.utter.worker.operator.letters.LetterHandling;
import dev.utter.worker.operator.letters.LetterLog;
import dev.utter.worker.settings.KafkaSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class DeadLettersCommandTest {
  private static final LetterFilter OPEN =
      new LetterFilter(
          Set.of(),
          Set.of(),
          Set.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false);

  @TempDir private Path folder;
  private ChildWorkers workers;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void start() {
    workers = new ChildWorkers(folder);
    producer = workers.producer(Map.of());
  }

  @AfterEach
  void stop() {
    producer.close();
    workers.close();
  }

  @Test
  void aRequestWhoseSchemaCameLateIsSpokenOnceItsDeadLetterIsRedriven() throws Exception {
    // Given
    workers.awaitReady(
        workers.worker("worker", Map.of("UTTER_REGISTRY_UNKNOWN_SCHEMA_WAIT", "0s")));
    byte[] value = request("late");
    String schema = SynthesisRequested.getClassSchema().toString();
    int last = workers.register("early", "AVRO", schema.replace("Caller-chosen", "Freely chosen"));
    ByteBuffer.wrap(value).putInt(1, last + 1);
    RecordMetadata sent =
        producer.send(new ProducerRecord<>(Topics.REQUESTS, "late".getBytes(UTF_8), value)).get();
    try (PublishedRecords published = new PublishedRecords(workers.stack)) {
      assertThat(published.deadLetter(sent)).contains("is not in the registry");
      assertThat(published.failed("late").getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
      int late = workers.register("late", "AVRO", schema.replace("Caller-chosen", "Lately chosen"));
      assertThat(late).isEqualTo(last + 1);

      // When
      CommandRun run = run("redrive", "--id", "late", "--yes");

      // Then
      assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
      assertThat(published.completed("late").getAttempt()).isEqualTo(1);
      assertThat(run("redrive", "--id", "late", "--yes").exitCode()).isEqualTo(1);
      assertThat(published.verdicts("late", 1)).hasSize(1);
      assertThat(published.outcomes("late")).isEqualTo(2);
    }
    assertThat(records(Topics.COMPLETED))
        .singleElement()
        .satisfies(record -> assertThat(header(record, "utter.redrives")).isEqualTo("1"));
  }

  @Test
  void aRecordIsPublishedAgainByteForByteAndOnce() throws Exception {
    // Given
    String first = letter(Topics.REQUESTS, "order-1", DeadLetterHeaders.UNDECODABLE, "abc");
    String second = letter(Topics.WORK_BULK, "order-2", "ATTEMPTS_EXHAUSTED", "defg");

    // When
    CommandRun plan = run("redrive", "--all");

    // Then
    assertThat(plan.exitCode()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("would redrive: 2, refused: 0. Nothing was changed");
    assertThat(records(Topics.REQUESTS)).isEmpty();
    assertThat(records(Topics.WORK_BULK)).isEmpty();

    // When
    CommandRun done = run("redrive", first, second, "--yes");
    CommandRun again = run("redrive", first, second, "--yes");

    // Then
    assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
    assertThat(done.out()).contains("redriven: 2, refused: 0");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.out()).contains("refused (it is REDRIVEN already)", "redriven: 0, refused: 2");
    assertThat(records(Topics.WORK_BULK)).hasSize(1);
    assertThat(records(Topics.REQUESTS))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo("order-1".getBytes(UTF_8));
              assertThat(record.value()).isEqualTo("abc".getBytes(UTF_8));
              assertThat(header(record, "utter.publisher")).isEqualTo("shop");
              assertThat(header(record, DeadLetterHeaders.REDRIVES)).isEqualTo("1");
              assertThat(record.headers()).hasSize(2);
            });
    assertThat(run("list").out()).isEmpty();
    assertThat(run("list", "--all").out().lines()).hasSize(2).allMatch(l -> l.contains("REDRIVEN"));

    // When
    CommandRun forced = run("redrive", first, "--yes", "--force");

    // Then
    assertThat(forced.exitCode()).isZero();
    assertThat(records(Topics.REQUESTS)).hasSize(2);
  }

  @Test
  void aRecordThatFailsAgainAndAgainIsRefusedInTheEnd() throws Exception {
    // Given
    String looping =
        letter(
            Topics.REQUESTS,
            "order-1",
            DeadLetterHeaders.FAULT,
            "abc",
            Map.of(DeadLetterHeaders.REDRIVES, "3"));

    // When
    CommandRun run = run("redrive", looping, "--yes");
    CommandRun further = run("redrive", looping, "--yes", "--max-replays", "4");

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("it was published again 3 times, at most 3 are allowed");
    assertThat(further.exitCode()).as(further.out()).isZero();
    assertThat(records(Topics.REQUESTS))
        .singleElement()
        .satisfies(record -> assertThat(header(record, DeadLetterHeaders.REDRIVES)).isEqualTo("4"));
  }

  @Test
  void whatWouldGiveASecondOutcomeOrHasNoBytesIsNeverPublishedAgain() throws Exception {
    // Given
    letter(Topics.COMPLETED, "order-1", DeadLetterHeaders.FAULT, "abc");
    letter(Topics.WORK_NORMAL, "order-2", DeadLetterHeaders.FAULT, "abc");
    letter(
        Topics.REQUESTS,
        "order-3",
        DeadLetterHeaders.FAULT,
        null,
        Map.of(),
        Map.of(DeadLetterHeaders.OMITTED, "2000000 bytes"));

    // When
    CommandRun run = run("redrive", "--all", "--yes", "--force");

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .contains("redriven: 0, refused: 3")
        .contains("it came from utter.completed")
        .contains("only the status row missed it")
        .contains("its value is not here: 2000000 bytes, to be read at offset 7 of partition 0");
    for (String topic : List.of(Topics.COMPLETED, Topics.WORK_NORMAL, Topics.REQUESTS)) {
      assertThat(records(topic)).isEmpty();
    }
  }

  @Test
  void whatWasDroppedIsOutOfTheWay() throws Exception {
    // Given
    String dropped = letter(Topics.REQUESTS, "order-1", DeadLetterHeaders.FAULT, "abc");
    String kept = letter(Topics.REQUESTS, "order-2", DeadLetterHeaders.FAULT, "abc");

    // When
    CommandRun plan = run("drop", "--id", "order-1");
    CommandRun run = run("drop", "--id", "order-1", "--yes");

    // Then
    assertThat(plan.out()).contains("would drop: 1");
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run("list").out().lines()).singleElement().asString().startsWith(kept + "  ");
    assertThat(run("drop", dropped, "--yes").out()).contains("it is DROPPED already");
    assertThat(run("redrive", dropped, "--yes").out()).contains("it is DROPPED already");
    assertThat(run("redrive", "--all", "--yes").out()).contains("redriven: 1, refused: 0");
  }

  @Test
  void theListIsNarrowedAndOneLetterIsShown() throws Exception {
    // Given
    String one = letter(Topics.REQUESTS, "order-1", DeadLetterHeaders.UNDECODABLE, "abc");
    String other = letter(Topics.WORK_BULK, "order-2", "INTERNAL", "defg");
    producer.send(new ProducerRecord<>(Topics.DEAD_LETTERS, new byte[] {1})).get();

    // Then
    assertThat(letters("list", "--json")).containsExactlyInAnyOrder(one, other);
    assertThat(letters("list", "--json", "--reason", "internal")).containsExactly(other);
    assertThat(letters("list", "--json", "--id", "order-1")).containsExactly(one);
    assertThat(letters("list", "--json", "--topic", Topics.REQUESTS)).containsExactly(one);
    assertThat(letters("list", "--json", "--since", "1h")).hasSize(2);
    assertThat(letters("list", "--json", "--until", "1h")).isEmpty();
    assertThat(letters("list", "--json", "--since", "2026-01-01T00:00:00Z")).hasSize(2);

    // When
    Path value = folder.resolve("value");
    CommandRun shown = run("show", one, "--json", "--value", value.toString());

    // Then
    JsonNode letter = new ObjectMapper().readTree(shown.out());
    assertThat(letter.path("requestId").asText()).isEqualTo("order-1");
    assertThat(letter.path("topic").asText()).isEqualTo(Topics.REQUESTS);
    assertThat(letter.path("offset").asText()).isEqualTo("7");
    assertThat(letter.path("headers").path("utter.publisher").path(0).asText()).isEqualTo("shop");
    assertThat(value).hasBinaryContent("abc".getBytes(UTF_8));
    assertThat(run("show", one).out()).contains("reason: UNDECODABLE", "value: 3 bytes");
    assertThat(run("show", "0:999").exitCode()).isEqualTo(1);
    assertThat(run("show", "first").exitCode()).isEqualTo(2);
    assertThat(run("redrive").exitCode()).isEqualTo(2);
  }

  @Test
  void theSecondOfTwoOperatorsAtATimeEndsTheFirst() throws Exception {
    // Given
    letter(Topics.REQUESTS, "order-1", DeadLetterHeaders.FAULT, "abc");
    KafkaSettings kafka = KafkaSettings.defaults(workers.stack.bootstrapServers());
    try (LetterHandling first = new LetterHandling(kafka);
        LetterLog log = new LetterLog(kafka)) {
      List<Letter> found = new ArrayList<>();
      log.forEach(OPEN, found::add);

      // When
      CommandRun second = run("redrive", "--all", "--yes");

      // Then
      assertThat(second.exitCode()).as(second.err()).isZero();
      assertThatThrownBy(() -> first.redrive(found.get(0)))
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("another redrive or drop was started");
      assertThat(records(Topics.REQUESTS)).hasSize(1);
    }
  }

  private List<String> letters(String... arguments) throws IOException {
    List<String> positions = new ArrayList<>();
    for (String line : run(arguments).out().lines().toList()) {
      positions.add(new ObjectMapper().readTree(line).path("letter").asText());
    }
    return positions;
  }

  private CommandRun run(String... arguments) throws IOException {
    String config = settings();
    return CommandRun.of(
        Stream.of(
                Stream.of("dead-letters", arguments[0]),
                Stream.of(arguments).skip(1),
                Stream.of("--config", config))
            .flatMap(words -> words)
            .toArray(String[]::new));
  }

  private String letter(String topic, String key, String reason, String value)
      throws ExecutionException, InterruptedException {
    return letter(topic, key, reason, value, Map.of());
  }

  private String letter(
      String topic, String key, String reason, String value, Map<String, String> headers)
      throws ExecutionException, InterruptedException {
    return letter(topic, key, reason, value, headers, Map.of());
  }

  /**
   * Writes a dead letter of a record at offset 7, as workers do; returns the position of the dead
   * letter.
   */
  private String letter(
      String topic,
      String key,
      String reason,
      String value,
      Map<String, String> original,
      Map<String, String> further)
      throws ExecutionException, InterruptedException {
    RecordHeaders headers = new RecordHeaders();
    headers.add("utter.publisher", "shop".getBytes(UTF_8));
    original.forEach((name, content) -> headers.add(name, content.getBytes(UTF_8)));
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            topic,
            0,
            7,
            Instant.now().toEpochMilli(),
            TimestampType.CREATE_TIME,
            key.length(),
            0,
            key.getBytes(UTF_8),
            value == null ? null : value.getBytes(UTF_8),
            headers,
            Optional.empty());
    ProducerRecord<byte[], byte[]> letter =
        DeadLetter.of(Topics.DEAD_LETTERS, record, reason, "because");
    further.forEach((name, content) -> letter.headers().add(name, content.getBytes(UTF_8)));
    RecordMetadata at = producer.send(letter).get();
    return at.partition() + ":" + at.offset();
  }

  private byte[] request(String id) {
    SynthesisRequested request =
        SynthesisRequested.newBuilder()
            .setRequestId(id)
            .setText("Good morning.")
            .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(1_000).build())
            .setRequestedAt(Instant.now())
            .build();
    try (EventSerializer serializer =
        new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()))) {
      return serializer.serialize(Topics.REQUESTS, request);
    }
  }

  /** Records of a topic that a read_committed consumer sees. */
  private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", workers.stack.bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, ChildWorkers.PARTITIONS)
              .mapToObj(number -> new TopicPartition(topic, number))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(at -> consumer.position(at) < ends.get(at))) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  private String settings() throws IOException {
    return Files.writeString(
            folder.resolve("operator.yaml"),
            """
            worker: {name: operator, roles: [status]}
            kafka: {bootstrapServers: "%s"}
            registry: {url: "%s"}
            """
                .formatted(workers.stack.bootstrapServers(), workers.stack.schemaRegistryUrl()))
        .toString();
  }
}
