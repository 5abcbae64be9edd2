package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hostile records against one worker with a small heap, which must go on with other requests. */
@Tag("integration")
class HostileInputsTest {
  private static final long SEED = 20_261_128;
  private static final int RECORDS = 1_200;
  private static final int NEIGHBOURS = 6;
  private static final int FILES = 40;
  private static final int ENDED_BY_SIGTERM = 143;

  /** The number 2 to the 20th as Avro writes it. */
  private static final byte[] BLOCK_OF_A_MILLION = {(byte) 0x80, (byte) 0x80, (byte) 0x80, 1};

  @TempDir private static Path folder;
  private static ChildWorkers workers;
  private static ChildWorkers.Child worker;
  private static EventSerializer serializer;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void start() throws Exception {
    workers = new ChildWorkers(folder);
    serializer =
        new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
    producer = workers.producer(Map.of("compression.type", "gzip"));
    worker = workers.worker("worker");
    workers.awaitReady(worker);
  }

  @AfterAll
  static void stop() {
    producer.close();
    serializer.close();
    workers.close();
  }

  @AfterEach
  void theWorkerIsUpAndReady() throws IOException {
    assertThat(worker.process().isAlive()).as(worker.said()).isTrue();
    workers.awaitReady(worker);
    assertThat(worker.said()).doesNotContain("OutOfMemoryError", "StackOverflowError");
  }

  @Test
  void manyHostileRecordsHarmNoNeighbour() throws Exception {
    // Given
    HostileRecords hostile = new HostileRecords(SEED, serializer, hostileSchemas(), files());

    // When
    IntStream.range(0, RECORDS).forEach(i -> producer.send(hostile.next()));
    producer.flush();

    // Then
    assertThat(attemptsOfNeighbours()).hasSize(NEIGHBOURS).containsOnly(1);
    assertThat(workers.records(Topics.DEAD_LETTERS)).isGreaterThan(RECORDS / 4);
  }

  /** Schemas and values with 200,000 million items to skip, and with 200,000 nested records. */
  @Test
  void recordsThatAreEndlessToSkipBecomeDeadLetters() throws Exception {
    // Given
    long before = workers.records(Topics.DEAD_LETTERS);
    List<Integer> schemas = hostileSchemas();
    byte[] good = request("endless", "Hello.");
    byte[] endless = Arrays.copyOf(good, good.length + 800_000);
    for (int at = good.length; at < endless.length; at += BLOCK_OF_A_MILLION.length) {
      System.arraycopy(BLOCK_OF_A_MILLION, 0, endless, at, BLOCK_OF_A_MILLION.length);
    }
    byte[] nested = Arrays.copyOf(good, good.length + 200_001);
    Arrays.fill(nested, good.length, nested.length - 1, (byte) 2);

    // When
    for (byte[] value : List.of(endless, nested)) {
      for (int schema : schemas) {
        ByteBuffer.wrap(value).putInt(1, schema);
        for (int partition = 0; partition < 2; partition++) {
          producer.send(new ProducerRecord<>(Topics.REQUESTS, partition, null, value.clone()));
        }
      }
    }
    producer.flush();

    // Then
    assertThat(attemptsOfNeighbours()).hasSize(NEIGHBOURS).containsOnly(1);
    assertThat(workers.records(Topics.DEAD_LETTERS) - before).isEqualTo(4L * schemas.size());
  }

  /** The keys exceed the heap if a worker keeps them, or reads them all at once at its start. */
  @Test
  void largeKeysOfCancellationsStopNoWorkerThatStarts() throws Exception {
    // Given
    byte[] key = new byte[900_000];
    Arrays.fill(key, (byte) 'k');

    // When
    for (int i = 0; i < 600; i++) {
      ByteBuffer.wrap(key).putInt(i);
      producer.send(new ProducerRecord<>(Topics.CANCELLATIONS, key.clone(), new byte[1]));
    }
    producer.flush();
    ChildWorkers.Child second = workers.worker("second");

    // Then
    workers.awaitReady(second);
    assertThat(attemptsOfNeighbours()).hasSize(NEIGHBOURS).containsOnly(1);
    assertThat(second.process().isAlive()).as(second.said()).isTrue();
    second.process().destroy();
    assertThat(second.exitCode()).as(second.said()).isEqualTo(ENDED_BY_SIGTERM);
  }

  private static byte[] request(String id, String text) {
    return serializer.serialize(
        Topics.REQUESTS,
        SynthesisRequested.newBuilder()
            .setRequestId(id)
            .setText(text)
            .setRequestedAt(Instant.EPOCH)
            .build());
  }

  /**
   * Publishes ordinary requests, checks that each ends in a verified clip, and returns the attempts
   * of their outcomes.
   */
  private static List<Integer> attemptsOfNeighbours() throws IOException {
    List<String> lines =
        IntStream.range(0, NEIGHBOURS)
            .mapToObj(i -> "{\"text\": \"Good morning.\", \"maxDurationMillis\": 2000}")
            .toList();
    Path file = Files.write(folder.resolve("neighbours.jsonl"), lines);
    CommandRun run = workers.produce("--file", file.toString(), "--timeout", "300");
    assertThat(run.exitCode()).as(run.err() + run.out() + worker.said()).isZero();
    List<Integer> attempts = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      JsonNode outcome = new ObjectMapper().readTree(line);
      assertThat(outcome.path("verdict").asText()).isEqualTo("MATCH");
      attempts.add(outcome.path("attempt").asInt());
    }
    return attempts;
  }

  /** Schemas of requests with one more field; each breaks a different rule. */
  private static List<Integer> hostileSchemas() throws Exception {
    String unfolding = "\"long\"";
    for (int i = 0; i < 12; i++) {
      unfolding =
          "{'type':'record','name':'U%d','fields':[{'name':'a','type':%s},{'name':'b','type':%s}]}"
              .formatted(i, unfolding, i == 0 ? "'long'" : "'U" + (i - 1) + "'");
    }
    List<Integer> ids = new ArrayList<>();
    for (String junk :
        List.of(
            "{'type':'array','items':'null'}",
            "['null',{'type':'record','name':'N','fields':[{'name':'n','type':['null','N']}]}]",
            "{'type':'map','values':{'type':'record','name':'E','fields':[]}}",
            "{'type':'array','items':{'type':'array','items':'null'}}",
            unfolding)) {
      String schema = withField(junk.replace('\'', '"'));
      ids.add(workers.register("stranger-" + schema.hashCode(), "AVRO", schema));
    }
    return ids;
  }

  private static String withField(String type) {
    String known = SynthesisRequested.getClassSchema().toString();
    int end = known.lastIndexOf(']');
    return known.substring(0, end)
        + ",{\"name\":\"junk\",\"type\":"
        + type
        + "}"
        + known.substring(end);
  }

  /**
   * Stores files that are not valid recordings, and objects under keys of later clips. Returns the
   * keys of the files.
   */
  private static List<String> files() {
    Random random = new Random(SEED);
    List<byte[]> files =
        new ArrayList<>(
            Stream.of(
                    "%PDF-1.7\n%",
                    "-----BEGIN PRIVATE KEY-----\n",
                    "PK\u0003\u0004",
                    "fLaC#EXTM3U\nfile:///etc/passwd\n",
                    "")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList());
    while (files.size() < FILES) {
      byte[] file = wave();
      for (int i = 0; i <= random.nextInt(6); i++) {
        file[random.nextInt(44)] = (byte) random.nextInt();
      }
      files.add(file);
    }
    List<String> keys = new ArrayList<>();
    try (ObjectStore store = workers.store()) {
      for (byte[] file : files) {
        String key = "context/" + keys.size();
        ObjectLocation location = ObjectLocation.newest(ChildWorkers.BUCKET, key);
        store.putIfAbsent(location, file, "audio/wav", Map.of());
        keys.add(key);
      }
      for (int i = 0; i < RECORDS; i += 7) {
        String key = "clips/hostile-" + i + ".wav";
        ObjectLocation location = ObjectLocation.newest(ChildWorkers.BUCKET, key);
        store.putIfAbsent(location, wave(), "audio/wav", metadata("hostile-" + i, random));
      }
    }
    return keys;
  }

  /** Metadata that a forger may write with an object under the key of a clip. */
  private static Map<String, String> metadata(String id, Random random) {
    List<String> numbers = List.of("-1", "24000", "99999999999999999999", "NaN", "0x10");
    Map<String, String> metadata = new HashMap<>();
    metadata.put("utter-request-id", id);
    metadata.put("utter-content", "0".repeat(64));
    metadata.put("utter-sha256", "f".repeat(1 + random.nextInt(64)));
    metadata.put("utter-finish-reason", random.nextBoolean() ? "SILENCE" : "<script>");
    for (String name :
        List.of("sample-rate", "duration-millis", "frames", "seed", "watermark-confidence")) {
      metadata.put("utter-" + name, numbers.get(random.nextInt(numbers.size())));
    }
    return metadata;
  }

  private static byte[] wave() {
    int samples = 2_400;
    ByteBuffer file = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples);
    file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    file.putShort((short) 1).putShort((short) 1).putInt(24_000).putInt(48_000);
    file.putShort((short) 2).putShort((short) 16);
    file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples);
    for (int i = 0; i < samples; i++) {
      file.putShort((short) (10_000 * Math.sin(i / 20.0)));
    }
    return file.array();
  }
}
