package dev.utter.worker.synthesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.AudioFormat;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.synthesis.WorkerParts.Addresses;
import dev.utter.worker.synthesis.WorkerParts.Variation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A separate stack with workers on it; what goes in, and what a consumer sees come out. */
public final class SynthesisRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final String VOICES = "voices";

  final EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
  final Addresses addresses;
  final ObjectStore store;
  private final EventSerializer serializer;
  private final EventDeserializer<SynthesisCompleted> completions;
  private final EventDeserializer<SynthesisFailed> failures;
  private final KafkaProducer<byte[], byte[]> producer;
  private final OutcomeReader outcomes;
  private final List<Runnable> open = new ArrayList<>();

  SynthesisRig() {
    stack.createTopics(2);
    stack.createBucket(SynthesisFixture.BUCKET);
    stack.createBucket(VOICES);
    addresses =
        new Addresses(
            stack.bootstrapServers(),
            stack.schemaRegistryUrl(),
            stack.s3Endpoint(),
            stack.s3AccessKey(),
            stack.s3SecretKey());
    store = addresses.store();
    outcomes = new OutcomeReader(addresses.client());
    serializer = new EventSerializer(addresses.registryProperties());
    completions = new EventDeserializer<>(SynthesisCompleted.class, addresses.registryProperties());
    failures = new EventDeserializer<>(SynthesisFailed.class, addresses.registryProperties());
    producer =
        new KafkaProducer<>(
            new HashMap<>(addresses.client()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  SynthesisWorker worker(SpeechModel model, String group, String name) {
    return worker(model, group, name, WorkerParts.WATERMARK);
  }

  SynthesisWorker worker(SpeechModel model, String group, String name, AudioWatermark watermark) {
    return worker(model, group, name, watermark, store, Variation.NONE);
  }

  SynthesisWorker worker(
      SpeechModel model,
      String group,
      String name,
      AudioWatermark watermark,
      ObjectStore itsStore,
      Variation variation) {
    SynthesisWorker worker =
        WorkerParts.worker(addresses, itsStore, model, group, name, watermark, variation);
    open.add(worker::close);
    worker.start();
    return worker;
  }

  ChildWorker child(String group, String name) {
    ChildWorker child = ChildWorker.start(addresses, group, name);
    open.add(child::close);
    return child;
  }

  /** Stops the workers, so that the next test starts without any. */
  void stopWorkers() {
    open.forEach(Runnable::run);
    open.clear();
  }

  static String newId(String name) {
    return name + "-" + UUID.randomUUID();
  }

  /** A request for 2.4 s of sound, long enough for a mark. */
  public static SynthesisRequested.Builder request(String id, String text) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText(text)
        .setOptions(options().build())
        .setAttributes(Map.of("asked-by", "test"))
        .setRequestedAt(Instant.now());
  }

  static GenerationOptions.Builder options() {
    return GenerationOptions.newBuilder()
        .setMaxDurationMillis(2400)
        .setFormat(AudioFormat.WAV_PCM16);
  }

  void publish(String lane, SynthesisRequested request) {
    publishBytes(lane, request.getRequestId(), serializer.serialize(lane, request));
  }

  void publish(SynthesisRequested.Builder request) {
    publish(Topics.WORK_NORMAL, request.build());
  }

  void publishBytes(String topic, String key, byte[] value) {
    producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value));
    producer.flush();
  }

  /** Publishes a record as an operator does who has a dead letter processed again. */
  void redrive(String lane, SynthesisRequested request) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            lane, request.getRequestId().getBytes(UTF_8), serializer.serialize(lane, request));
    record.headers().add(DeadLetterHeaders.REDRIVES, "1".getBytes(UTF_8));
    producer.send(record);
    producer.flush();
  }

  /** What the records of this key say of redrives. */
  List<String> redrives(String topic, String key) {
    return visible(topic, key).stream()
        .map(record -> header(record, DeadLetterHeaders.REDRIVES))
        .toList();
  }

  void cancel(String id) {
    publishBytes(
        Topics.CANCELLATIONS,
        id,
        serializer.serialize(
            Topics.CANCELLATIONS,
            SynthesisCancelled.newBuilder()
                .setRequestId(id)
                .setCancelledAt(Instant.now())
                .build()));
  }

  List<SynthesisCompleted> completed(String id) {
    return visible(Topics.COMPLETED, id).stream()
        .map(record -> completions.deserialize(Topics.COMPLETED, record.value()))
        .toList();
  }

  List<SynthesisFailed> failed(String id) {
    return visible(Topics.FAILED, id).stream()
        .map(record -> failures.deserialize(Topics.FAILED, record.value()))
        .toList();
  }

  int outcomes(String id) {
    return completed(id).size() + failed(id).size();
  }

  /** The record of this key that a read_committed consumer sees in the dead letters now. */
  Optional<ConsumerRecord<byte[], byte[]>> deadLetter(String key) {
    List<ConsumerRecord<byte[], byte[]>> letters = visible(Topics.DEAD_LETTERS, key);
    return letters.isEmpty() ? Optional.empty() : Optional.of(letters.get(0));
  }

  private List<ConsumerRecord<byte[], byte[]>> visible(String topic, String key) {
    return outcomes.records(topic, key);
  }

  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  @Override
  public void close() {
    stopWorkers();
    outcomes.close();
    producer.close();
    store.close();
    stack.close();
  }
}
