package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.intake.offsets.Progress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request that does not finish, and behind it more records than a partition's progress holds. */
@Tag("integration")
class StuckRequestTest {
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final int BEHIND = Progress.MAX_SPAN + 100;
  private static final String MISSING = "context/missing.wav";
  private static final String SLOW = "context/slow.wav";

  @TempDir private Path folder;
  private ChildWorkers workers;
  private FaultyHttp network;
  private ChildWorkers.Child worker;
  private int number;

  @BeforeEach
  void start() throws Exception {
    workers = new ChildWorkers(folder);
    network =
        new FaultyHttp(URI.create(workers.stack.s3Endpoint()).getPort(), (exchange, status) -> {});
    worker = workers.worker("worker", Map.of("UTTER_STORAGE_ENDPOINT", network.url("worker")));
    workers.awaitReady(worker);
  }

  @AfterEach
  void stop() {
    workers.close();
    network.close();
  }

  @Test
  void allThatIsBehindItHasOneOutcomeAndItHasItsOwn() throws Exception {
    // Given
    Interception slow =
        Interception.refuse(
            exchange -> exchange.path().endsWith(SLOW), SERVICE_UNAVAILABLE, "SlowDown");
    network.add(slow);
    String stuck = id();
    List<String> behind = Stream.generate(this::id).limit(BEHIND).toList();
    String last = id();

    // When
    List<SynthesisRequested> requests = new ArrayList<>();
    requests.add(request(stuck).setContext(recording(SLOW)).build());
    behind.forEach(id -> requests.add(request(id).setContext(recording(MISSING)).build()));
    requests.add(request(last).build());
    publish(requests);

    // Then
    try (PublishedRecords published = new PublishedRecords(workers.stack)) {
      String within = behind.get(Progress.MAX_SPAN / 2);
      assertThat(published.failed(within).getCode()).isEqualTo(FailureCode.CONTEXT_NOT_FOUND);
      await()
          .atMost(ChildWorkers.PATIENCE)
          .pollInSameThread()
          .until(
              () ->
                  worker
                      .said()
                      .contains(
                          "Partition takes no record until its first unfinished one has ended"));
      workers.awaitReady(worker);
      assertThat(published.outcomes(stuck)).isZero();
      assertThat(published.outcomes(last)).isZero();

      // When
      network.remove(slow);

      // Then
      assertThat(published.failed(stuck).getCode()).isEqualTo(FailureCode.CONTEXT_NOT_FOUND);
      assertThat(published.completed(last).getAttempt()).isEqualTo(1);
      assertThat(behind).allSatisfy(id -> assertThat(published.outcomes(id)).isEqualTo(1));
      assertThat(published.outcomes(stuck)).isEqualTo(1);
      workers.awaitReady(worker);
    }
  }

  private void publish(List<SynthesisRequested> requests) {
    try (EventSerializer serializer =
            new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
        KafkaProducer<byte[], byte[]> producer = workers.producer(Map.of())) {
      for (SynthesisRequested request : requests) {
        producer.send(
            new ProducerRecord<>(
                Topics.REQUESTS,
                request.getRequestId().getBytes(UTF_8),
                serializer.serialize(Topics.REQUESTS, request)));
      }
    }
  }

  /** The next id whose requests are in partition 0. */
  private String id() {
    String id;
    do {
      id = "stuck-" + number++;
    } while (Utils.toPositive(Utils.murmur2(id.getBytes(UTF_8))) % ChildWorkers.PARTITIONS != 0);
    return id;
  }

  private static SynthesisRequested.Builder request(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Hello.")
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(1000).setSeed(7L).build())
        .setRequestedAt(Instant.now());
  }

  private static List<ContextUtterance> recording(String key) {
    return List.of(
        new ContextUtterance(0, "Hello.", new ObjectReference(ChildWorkers.BUCKET, key, null)));
  }
}
