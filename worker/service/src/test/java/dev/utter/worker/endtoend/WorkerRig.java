package dev.utter.worker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.GenerationOptions;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A whole worker with the development model on an embedded stack, and what a caller needs: it
 * publishes requests and reads what became of them. One test thread uses it.
 */
final class WorkerRig implements AutoCloseable {
  static final String BUCKET = "utter-clips";
  static final String VOICES = "voices";
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Stands behind all rows in the topic. */
  private static final byte[] END_OF_ROWS = {};

  final EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
  final WorkerProcess worker;
  final ObjectStore store;
  private final Map<String, String> registry;
  private final EventSerializer serializer;
  private final EventDeserializer<SynthesisCompleted> completed;
  private final EventDeserializer<SynthesisFailed> failed;
  private final EventDeserializer<WatermarkVerified> verified;
  private final EventDeserializer<RequestStatus> status;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

  WorkerRig(Path stateFolder) {
    this(stateFolder, Map.of());
  }

  /** A worker with further settings from its environment. */
  WorkerRig(Path stateFolder, Map<String, String> environment) {
    stack.createTopics(2);
    stack.createBucket(BUCKET);
    stack.createBucket(VOICES);
    registry = Map.of("schema.registry.url", stack.schemaRegistryUrl());
    serializer = new EventSerializer(registry);
    completed = new EventDeserializer<>(SynthesisCompleted.class, registry);
    failed = new EventDeserializer<>(SynthesisFailed.class, registry);
    verified = new EventDeserializer<>(WatermarkVerified.class, registry);
    status = new EventDeserializer<>(RequestStatus.class, registry);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                stack.bootstrapServers(),
                "group.id",
                "test-" + UUID.randomUUID(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(
        List.of(
            Topics.COMPLETED, Topics.FAILED, Topics.VERIFIED, Topics.STATUS, Topics.DEAD_LETTERS));
    store =
        ObjectStore.of(
            StorageSettings.defaults(
                URI.create(stack.s3Endpoint()),
                new StorageCredentials(stack.s3AccessKey(), stack.s3SecretKey())),
            OwnBuckets.NONE);
    worker = new WorkerProcess(settings(stateFolder, environment));
    worker.start();
    await().atMost(PATIENCE).until(worker::isReady);
  }

  /** Settings of a worker on this stack. */
  WorkerSettings settings(Path stateFolder, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey());
    return WorkerSettings.parse(
        """
        worker:
          name: worker-under-test
          development: true
        kafka:
          bootstrapServers: %s
          stateFolder: %s
        registry:
          url: %s
          unknownSchemaWait: 1s
        output:
          bucket: %s
        access:
          contexts: [%s/, no-such-bucket/, %s/context]
        storage:
          endpoint: %s
          accessKey: %s
        model:
          source: %s
        http:
          address: 127.0.0.1
          port: 0
        """
            .formatted(
                stack.bootstrapServers(),
                stateFolder,
                stack.schemaRegistryUrl(),
                BUCKET,
                VOICES,
                BUCKET,
                stack.s3Endpoint(),
                stack.s3AccessKey(),
                HOME.resolve("worker/speech/models/development")),
        variables);
  }

  /** A request that breaks no rule, under a fresh id. */
  SynthesisRequested.Builder request() {
    return SynthesisRequested.newBuilder()
        .setRequestId("r-" + UUID.randomUUID())
        .setText("Good morning.")
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(3_000).build())
        .setRequestedAt(Instant.now());
  }

  void publish(SynthesisRequested request) {
    publish(request.getRequestId(), bytes(request));
  }

  byte[] bytes(SynthesisRequested request) {
    return serializer.serialize(Topics.REQUESTS, request);
  }

  void publish(String key, byte[] value) {
    publish(Topics.REQUESTS, key, value);
  }

  void publish(String topic, String key, SpecificRecord event) {
    publish(topic, key, serializer.serialize(topic, event));
  }

  private void publish(String topic, String key, byte[] value) {
    producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value));
    producer.flush();
  }

  void upload(String key, byte[] data) {
    store.putIfAbsent(
        ObjectLocation.newest(VOICES, key), data, "application/octet-stream", Map.of());
  }

  /** Waits for the one outcome of a request and makes sure that it is a failure. */
  SynthesisFailed failureOf(String id) {
    ConsumerRecord<byte[], byte[]> outcome = first(id, Topics.COMPLETED, Topics.FAILED);
    assertThat(outcome.topic()).isEqualTo(Topics.FAILED);
    return failed.deserialize(Topics.FAILED, outcome.value());
  }

  /** Waits for the one outcome of a request and makes sure that it is a clip. */
  SynthesisCompleted clipOf(String id) {
    ConsumerRecord<byte[], byte[]> outcome = first(id, Topics.COMPLETED, Topics.FAILED);
    assertThat(outcome.topic())
        .as(
            () ->
                outcome.topic().equals(Topics.FAILED)
                    ? failed.deserialize(Topics.FAILED, outcome.value()).toString()
                    : "")
        .isEqualTo(Topics.COMPLETED);
    return completed.deserialize(Topics.COMPLETED, outcome.value());
  }

  WatermarkVerified verdictOf(String id) {
    return verdict(first(id, Topics.VERIFIED));
  }

  WatermarkVerified verdict(ConsumerRecord<byte[], byte[]> record) {
    return verified.deserialize(Topics.VERIFIED, record.value());
  }

  /** Every row that a request has had until now. */
  List<RequestStatus> rowsOf(String id) {
    producer.send(
        new ProducerRecord<>(Topics.STATUS, id.getBytes(StandardCharsets.UTF_8), END_OF_ROWS));
    producer.flush();
    return await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> poll(id, List.of(Topics.STATUS)),
            rows -> rows.stream().anyMatch(row -> Arrays.equals(row.value(), END_OF_ROWS)))
        .stream()
        .filter(row -> !Arrays.equals(row.value(), END_OF_ROWS))
        .map(row -> status.deserialize(Topics.STATUS, row.value()))
        .toList();
  }

  /** Waits for a number of records with this key. */
  List<ConsumerRecord<byte[], byte[]>> recordsOf(String key, String topic, int count) {
    return recordsOf(key, List.of(topic), count);
  }

  private List<ConsumerRecord<byte[], byte[]>> recordsOf(
      String key, List<String> topics, int count) {
    return await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> poll(key, topics), found -> found.size() >= count);
  }

  ConsumerRecord<byte[], byte[]> deadLetterOf(String key) {
    return first(key, Topics.DEAD_LETTERS);
  }

  /** Outcomes of a request seen until now. */
  List<ConsumerRecord<byte[], byte[]>> outcomesOf(String id) {
    return matching(id, List.of(Topics.COMPLETED, Topics.FAILED));
  }

  private ConsumerRecord<byte[], byte[]> first(String key, String... topics) {
    return recordsOf(key, List.of(topics), 1).get(0);
  }

  private List<ConsumerRecord<byte[], byte[]>> poll(String key, List<String> topics) {
    consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
    return matching(key, topics);
  }

  private List<ConsumerRecord<byte[], byte[]>> matching(String key, List<String> topics) {
    byte[] wanted = key.getBytes(StandardCharsets.UTF_8);
    return seen.stream()
        .filter(record -> topics.contains(record.topic()))
        .filter(record -> Arrays.equals(record.key(), wanted))
        .toList();
  }

  @Override
  public void close() {
    worker.close();
    consumer.close();
    producer.close();
    store.close();
    List.of(completed, failed, verified, status).forEach(EventDeserializer::close);
    serializer.close();
    stack.close();
  }
}
