package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.ObjectReference;
import dev.utter.events.Topics;
import dev.utter.events.VerificationRequested;
import dev.utter.worker.avro.EventSerializer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects that the store always refuses to return, against a whole worker. */
@Tag("integration")
class RefusedObjectsTest {
  private static final int FORBIDDEN = 403;

  /** More than the window of a lane. */
  private static final int REQUESTS = 40;

  private static final String ARCHIVED =
      "{\"text\": \"Hello.\", \"maxDurationMillis\": 1000, \"context\": [{\"speaker\": 0, \"text\":"
          + " \"Hello.\", \"bucket\": \"utter\", \"key\": \"context/archived.wav\"}]}";

  private static final String PLAIN = "{\"text\": \"Good morning.\", \"maxDurationMillis\": 2000}";

  @TempDir private Path folder;
  private ChildWorkers workers;
  private FaultyHttp network;
  private ChildWorkers.Child worker;

  @BeforeEach
  void start() throws Exception {
    workers = new ChildWorkers(folder);
    workers.put("context/archived.wav", new byte[1000]);
    workers.put("clips/archived.wav", new byte[1000]);
    network =
        new FaultyHttp(URI.create(workers.stack.s3Endpoint()).getPort(), (exchange, status) -> {});
    network.add(
        Interception.refuse(
            exchange -> exchange.path().endsWith("/archived.wav"),
            FORBIDDEN,
            "InvalidObjectState"));
    worker = workers.worker("worker", Map.of("UTTER_STORAGE_ENDPOINT", network.url("worker")));
    workers.awaitReady(worker);
  }

  @AfterEach
  void stop() {
    workers.close();
    network.close();
  }

  @Test
  void requestsForThemEndAndDelayNoOthers() throws Exception {
    // Given
    List<String> requests = new ArrayList<>(Collections.nCopies(REQUESTS, ARCHIVED));
    requests.add(PLAIN);

    // When
    List<JsonNode> outcomes = outcomes(requests);

    // Then
    assertThat(outcomes.subList(0, REQUESTS))
        .allSatisfy(
            outcome -> assertThat(outcome.path("code").asText()).isEqualTo("CONTEXT_UNREADABLE"));
    assertGood(outcomes.get(REQUESTS));
    workers.awaitReady(worker);
  }

  @Test
  void verificationsOfThemEndAndDelayNoOthers() throws Exception {
    // When
    try (EventSerializer serializer =
            new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
        KafkaProducer<byte[], byte[]> producer = workers.producer(Map.of())) {
      for (int i = 0; i < 3; i++) {
        VerificationRequested wanted =
            VerificationRequested.newBuilder()
                .setRequestId("archived-" + i)
                .setAudio(new ObjectReference(ChildWorkers.BUCKET, "clips/archived.wav", null))
                .setRequestedAt(Instant.EPOCH)
                .build();
        producer.send(
            new ProducerRecord<>(
                Topics.VERIFICATION_REQUESTS,
                0,
                ("archived-" + i).getBytes(UTF_8),
                serializer.serialize(Topics.VERIFICATION_REQUESTS, wanted)));
      }
    }
    List<JsonNode> outcomes = outcomes(Collections.nCopies(4, PLAIN));

    // Then
    outcomes.forEach(RefusedObjectsTest::assertGood);
    assertThat(workers.records(Topics.VERIFIED)).isEqualTo(3 + 4);
    workers.awaitReady(worker);
  }

  private static void assertGood(JsonNode outcome) {
    assertThat(outcome.path("verdict").asText()).as(outcome.toString()).isEqualTo("MATCH");
    assertThat(outcome.path("attempt").asInt()).isEqualTo(1);
  }

  private List<JsonNode> outcomes(List<String> requests) throws IOException {
    Path file = Files.write(folder.resolve("requests.jsonl"), requests);
    CommandRun run = workers.produce("--file", file.toString(), "--timeout", "120");
    assertThat(run.exitCode()).as(run.err() + worker.said()).isBetween(0, 1);
    List<JsonNode> outcomes = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      outcomes.add(new ObjectMapper().readTree(line));
    }
    assertThat(outcomes).hasSameSizeAs(requests);
    return outcomes;
  }
}
