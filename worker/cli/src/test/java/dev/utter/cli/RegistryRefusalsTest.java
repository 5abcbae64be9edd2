package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Misuse of the registry by other parties, against a whole worker. */
@Tag("integration")
class RegistryRefusalsTest {
  private static final int FORBIDDEN = 403;

  @TempDir private Path folder;
  private ChildWorkers workers;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() {
    workers = new ChildWorkers(folder);
  }

  @AfterEach
  void stop() {
    workers.close();
  }

  static Stream<Arguments> answers() {
    return Stream.of(
        Arguments.of(
            "a refusal", FORBIDDEN, "{\"error_code\": 40301, \"message\": \"not authorized\"}"),
        Arguments.of("a JSON schema", 200, "{\"schemaType\": \"JSON\", \"schema\": \"{}\"}"),
        Arguments.of(
            "a Protobuf schema",
            200,
            "{\"schemaType\": \"PROTOBUF\", \"schema\": \"syntax = \\\"proto3\\\";\"}"));
  }

  /** The registry gives something else than the schema that a record names. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void recordsWithoutAUsableSchemaAreDeadLetters(String name, int status, String answer)
      throws Exception {
    // Given
    int hidden =
        workers.register(
            "hidden",
            "AVRO",
            SynthesisRequested.getClassSchema().toString().replace("\"speaker\"", "\"other\""));
    try (FaultyHttp network =
            new FaultyHttp(
                URI.create(workers.stack.schemaRegistryUrl()).getPort(), (exchange, code) -> {});
        KafkaProducer<byte[], byte[]> producer = workers.producer(Map.of());
        PublishedRecords published = new PublishedRecords(workers.stack)) {
      network.add(
          Interception.answer(
              exchange -> exchange.path().equals("/schemas/ids/" + hidden),
              status,
              "application/vnd.schemaregistry.v1+json",
              answer));
      ChildWorkers.Child worker =
          workers.worker(
              "worker",
              Map.of(
                  "UTTER_REGISTRY_URL",
                  network.url("worker"),
                  "UTTER_REGISTRY_UNKNOWN_SCHEMA_WAIT",
                  "5s"));
      workers.awaitReady(worker);

      // When
      for (int i = 0; i < 2; i++) {
        RecordMetadata sent = producer.send(ofSchema(hidden)).get();

        // Then
        assertThat(published.deadLetter(sent)).startsWith("UNDECODABLE ");
      }
      theNextGoodRequestIsSpoken(worker);
    }
  }

  @Test
  void aWorkerWaitsWhileAStrangersSchemaStandsInTheWayOfItsEvents() throws Exception {
    // Given
    String subject = Topics.VERIFIED + "-value";
    workers.register(subject, "AVRO", "{\"type\": \"string\"}");

    // When
    ChildWorkers.Child worker = workers.worker("worker");

    // Then
    await().atMost(ChildWorkers.PATIENCE).until(() -> worker.said().contains(subject));
    assertThat(status(worker, "/health/live")).isEqualTo(200);
    assertThat(status(worker, "/health/ready")).isEqualTo(503);

    // When
    for (String query : new String[] {"", "?permanent=true"}) {
      http.send(
          HttpRequest.newBuilder(
                  URI.create(workers.stack.schemaRegistryUrl() + "/subjects/" + subject + query))
              .DELETE()
              .build(),
          BodyHandlers.discarding());
    }

    // Then
    workers.awaitReady(worker);
    theNextGoodRequestIsSpoken(worker);
  }

  private void theNextGoodRequestIsSpoken(ChildWorkers.Child worker) throws Exception {
    CommandRun run = workers.produce("--text", "Good morning.", "--max-duration", "1");
    assertThat(run.exitCode()).as(run.err() + worker.said()).isZero();
    JsonNode outcome = new ObjectMapper().readTree(run.out());
    assertThat(outcome.path("verdict").asText()).isEqualTo("MATCH");
    assertThat(outcome.path("attempt").asInt()).isEqualTo(1);
    assertThat(worker.process().isAlive()).as(worker.said()).isTrue();
    workers.awaitReady(worker);
  }

  private static ProducerRecord<byte[], byte[]> ofSchema(int schema) {
    byte[] value = ByteBuffer.allocate(20).put((byte) 0).putInt(schema).array();
    byte[] key = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
    return new ProducerRecord<>(Topics.REQUESTS, key, value);
  }

  private int status(ChildWorkers.Child worker, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + worker.port() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
  }
}
