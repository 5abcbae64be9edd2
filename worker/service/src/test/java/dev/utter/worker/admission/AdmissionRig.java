package dev.utter.worker.admission;

import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.streams.StageActivity;
import dev.utter.worker.streams.topics.TopicLimits;
import dev.utter.worker.threads.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The admission topology under the test driver, with a real schema registry. */
final class AdmissionRig extends Clock implements AutoCloseable, AdmissionListener {
  static final Instant START = Instant.parse("2026-11-23T00:00:00Z");

  /** Clips go to {@code utter-clips/clips}, context comes from {@code utter-clips/context}. */
  static final AccessSettings ACCESS =
      AccessSettings.defaults(new ObjectPrefix("utter-clips", "clips"));

  /** One for all rigs: no test depends on the schemas of another. */
  private static final EmbeddedSchemaRegistry REGISTRY =
      EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());

  final List<String> reports = new ArrayList<>();
  private final Map<String, String> properties =
      Map.of(
          "schema.registry.url",
          REGISTRY.url(),
          "max.retries",
          "0",
          EventDeserializer.UNKNOWN_SCHEMA_WAIT_MILLIS,
          "0");
  private final EventSerializer serializer = new EventSerializer(properties);
  private final EventDeserializer<SynthesisFailed> failures =
      new EventDeserializer<>(SynthesisFailed.class, properties);
  private final Path stateFolder = temporaryFolder();
  private final AdmissionStage stage;
  private final TopologyTestDriver driver;
  private Instant now = START;
  private boolean broken;

  /** Notes of the records to be skipped. */
  final Map<RecordPosition, String> skips = new HashMap<>();

  AdmissionRig(AdmissionSettings settings) {
    this(settings, PublisherSettings.defaults());
  }

  AdmissionRig(AdmissionSettings settings, PublisherSettings publishers) {
    this(settings, publishers, 1, TopicLimits.defaults());
  }

  AdmissionRig(AdmissionSettings settings, int partitions, TopicLimits limits) {
    this(settings, PublisherSettings.defaults(), partitions, limits);
  }

  /** The driver has one partition; with more of them the stage takes some records for misplaced. */
  private AdmissionRig(
      AdmissionSettings settings,
      PublisherSettings publishers,
      int partitions,
      TopicLimits limits) {
    stage =
        new AdmissionStage(
            settings,
            ACCESS,
            publishers,
            partitions,
            properties,
            CloudEvents.OFF,
            new Guard(
                new InPlaceRetry(Duration.ofSeconds(1), new Pause()),
                limits,
                new StageActivity(),
                (position, key, value) -> Optional.ofNullable(skips.get(position))),
            this,
            this);
    Properties streams = new Properties();
    streams.put(StreamsConfig.APPLICATION_ID_CONFIG, "admission-test");
    streams.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "not-used:1");
    streams.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    driver = new TopologyTestDriver(stage.topology(), streams, START);
  }

  /** Two drivers at a time must not share their stores. */
  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("admission-rig");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request that breaks no rule. */
  static SynthesisRequested.Builder request(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Good morning.")
        .setRequestedAt(START);
  }

  byte[] publish(SynthesisRequested request) {
    return publish(request.getRequestId(), request);
  }

  byte[] publish(String key, SynthesisRequested request) {
    byte[] value = bytes(request);
    publishBytes(Topics.REQUESTS, key, value);
    return value;
  }

  byte[] bytes(SynthesisRequested request) {
    return serializer.serialize(Topics.REQUESTS, request);
  }

  void publishBytes(String topic, String key, byte[] value, String header, byte[] content) {
    publish(
        topic,
        new TestRecord<>(
            key.getBytes(StandardCharsets.UTF_8), value, new RecordHeaders().add(header, content)));
  }

  /** Publishes a request as the redrive of an operator does. */
  void redrive(String key, byte[] value) {
    publishBytes(
        Topics.REQUESTS,
        key,
        value,
        DeadLetterHeaders.REDRIVES,
        "1".getBytes(StandardCharsets.UTF_8));
  }

  void publish(String topic, TestRecord<byte[], byte[]> record) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(record);
  }

  /** Publishes with a header that names the publisher. */
  void publishAs(String publisher, SynthesisRequested request) {
    publishBytes(
        Topics.REQUESTS,
        request.getRequestId(),
        bytes(request),
        PublisherKey.HEADER,
        publisher.getBytes(StandardCharsets.UTF_8));
  }

  void cancelAs(String publisher, String id) {
    publishBytes(
        Topics.CANCELLATIONS,
        id,
        cancellation(id),
        PublisherKey.HEADER,
        publisher.getBytes(StandardCharsets.UTF_8));
  }

  void cancel(String id) {
    cancel(id, id);
  }

  void cancel(String key, String id) {
    publishBytes(Topics.CANCELLATIONS, key, cancellation(id));
  }

  byte[] cancellation(String id) {
    return serializer.serialize(
        Topics.CANCELLATIONS,
        SynthesisCancelled.newBuilder().setRequestId(id).setCancelledAt(now).build());
  }

  void publishBytes(String topic, String key, byte[] value) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(key == null ? null : key.getBytes(StandardCharsets.UTF_8), value);
  }

  void advance(Duration time) {
    now = now.plus(time);
    driver.advanceWallClockTime(time);
  }

  List<TestRecord<byte[], byte[]>> records(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  List<SynthesisFailed> failures() {
    return records(Topics.FAILED).stream()
        .map(record -> failures.deserialize(Topics.FAILED, record.value()))
        .toList();
  }

  AdmissionStage stage() {
    return stage;
  }

  /** Whether usage of a publisher is stored. */
  boolean countsUsageOf(String publisher) {
    return driver.getKeyValueStore(AdmissionStage.PUBLISHER_STORE).get(publisher) != null;
  }

  /** Puts bytes of any kind into the store of ids. */
  void store(String id, byte[] entry) {
    driver.<String, byte[]>getKeyValueStore(AdmissionStage.STORE).put(id, entry);
  }

  /** All records of all lanes. */
  List<TestRecord<byte[], byte[]>> admitted() {
    return Topics.lanes().stream().flatMap(lane -> records(lane).stream()).toList();
  }

  /** The next request that is admitted meets a fault. */
  void breakOnce() {
    broken = true;
  }

  @Override
  public void admitted(Priority lane) {
    if (broken) {
      broken = false;
      throw new IndexOutOfBoundsException("index 7 of 3");
    }
    reports.add("admitted " + lane);
  }

  @Override
  public void refused(FailureCode code) {
    reports.add("refused " + code);
  }

  @Override
  public void repeated() {
    reports.add("repeated");
  }

  @Override
  public void foreign(String topic) {
    reports.add("foreign " + topic);
  }

  @Override
  public void forwarded(String topic) {
    reports.add("forwarded " + topic);
  }

  @Override
  public void deadLetter(String topic) {
    reports.add("dead letter " + topic);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  @Override
  public void close() {
    driver.close();
    stage.close();
    failures.close();
    serializer.close();
  }
}
