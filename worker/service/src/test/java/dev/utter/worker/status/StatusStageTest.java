package dev.utter.worker.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.streams.StageListener;
import dev.utter.worker.threads.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusStageTest {
  private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");

  private final EmbeddedSchemaRegistry registry =
      EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
  private final Map<String, String> properties = Map.of("schema.registry.url", registry.url());
  private final EventSerializer serializer = new EventSerializer(properties);
  private final EventDeserializer<RequestStatus> rows =
      new EventDeserializer<>(RequestStatus.class, properties);
  private final StatusStage stage =
      new StatusStage(
          StatusSettings.defaults(),
          properties,
          Guard.of(new InPlaceRetry(Duration.ofSeconds(1), new Pause())),
          Clock.fixed(NOW, ZoneOffset.UTC),
          new StageListener() {});
  private final TopologyTestDriver driver =
      new TopologyTestDriver(stage.topology(), streamsProperties(), NOW);

  @AfterEach
  void close() {
    driver.close();
    stage.close();
    rows.close();
    serializer.close();
    registry.close();
  }

  @Test
  void aTombstoneAmongTheVerdictsForgetsARequest() {
    // Given
    publish(Topics.STARTED, new SynthesisStarted("a", "w", 1, NOW));
    publish(Topics.FAILED, StatusRowTest.failed(FailureCode.INTERNAL, NOW.plusSeconds(1)));
    assertThat(published()).hasSize(2);

    // When
    publish(Topics.VERIFIED, (byte[]) null, NOW.plusSeconds(2));

    // Then
    TestRecord<byte[], byte[]> tombstone =
        driver
            .createOutputTopic(
                Topics.STATUS, new ByteArrayDeserializer(), new ByteArrayDeserializer())
            .readRecord();
    assertThat(tombstone.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
    assertThat(tombstone.value()).isNull();
    assertThat(driver.getKeyValueStore(StatusStage.STORE).get("a")).isNull();
  }

  @Test
  void oneRowFollowsARequestThroughAllTopics() {
    // When
    publish(Topics.WORK_BULK, new byte[] {0, 1, 2}, NOW);
    publish(Topics.STARTED, new SynthesisStarted("a", "w", 1, NOW));
    publish(Topics.COMPLETED, StatusRowTest.completed(1, "w", NOW.plusSeconds(1)));
    publish(Topics.FAILED, StatusRowTest.failed(FailureCode.DUPLICATE_ID, NOW.plusSeconds(2)));
    publish(Topics.VERIFIED, StatusRowTest.verified(Verdict.MATCH, NOW.plusSeconds(3)));
    publish(Topics.VERIFIED, StatusRowTest.answered(Verdict.NOT_FOUND, NOW.plusSeconds(4)));

    // Then
    List<RequestStatus> published = published();
    assertThat(published)
        .extracting(RequestStatus::getState)
        .containsExactly(
            RequestState.ADMITTED,
            RequestState.RUNNING,
            RequestState.COMPLETED,
            RequestState.VERIFIED);
    assertThat(published).allSatisfy(row -> assertThat(row.getAdmittedAt()).isEqualTo(NOW));
  }

  @Test
  void anUndecodableEventBecomesADeadLetterAndTheNextOneCounts() {
    // When
    publish(Topics.COMPLETED, "not avro".getBytes(StandardCharsets.UTF_8), NOW);
    publish(Topics.STARTED, new SynthesisStarted("a", "w", 1, NOW));

    // Then
    assertThat(records(Topics.DEAD_LETTERS)).hasSize(1);
    assertThat(published()).hasSize(1);
  }

  @Test
  void aRowPastItsRetentionIsRemovedWithATombstone() {
    // Given
    publish(Topics.WORK_NORMAL, new byte[] {0}, NOW.minus(Duration.ofDays(31)));
    publishUnder("b", Topics.WORK_NORMAL, new byte[] {0}, NOW.minus(Duration.ofDays(29)));
    records(Topics.STATUS);

    // When
    driver.advanceWallClockTime(Duration.ofMinutes(1));

    // Then
    assertThat(records(Topics.STATUS))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
              assertThat(record.value()).isNull();
            });
  }

  @Test
  void aStoredRowThatCannotBeReadStartsOverAndTheEventIsNoDeadLetter() {
    // Given
    store("a", "not a row");

    // When
    publish(Topics.STARTED, new SynthesisStarted("a", "w", 1, NOW));

    // Then
    assertThat(records(Topics.DEAD_LETTERS)).isEmpty();
    assertThat(published())
        .singleElement()
        .satisfies(row -> assertThat(row.getState()).isEqualTo(RequestState.RUNNING));
  }

  @Test
  void aStoredRowThatCannotBeReadDoesNotStopTheExpiryOfOthers() {
    // Given
    store("0", "not a row");
    publish(Topics.WORK_NORMAL, new byte[] {0}, NOW.minus(Duration.ofDays(31)));
    records(Topics.STATUS);

    // When
    driver.advanceWallClockTime(Duration.ofMinutes(1));

    // Then
    assertThat(records(Topics.STATUS))
        .singleElement()
        .satisfies(
            record -> assertThat(record.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8)));
  }

  private void store(String id, String row) {
    driver
        .<String, byte[]>getKeyValueStore(StatusStage.STORE)
        .put(id, row.getBytes(StandardCharsets.UTF_8));
  }

  private void publish(String topic, SpecificRecord event) {
    publish(topic, serializer.serialize(topic, event), NOW);
  }

  private void publish(String topic, byte[] value, Instant at) {
    publishUnder("a", topic, value, at);
  }

  private void publishUnder(String key, String topic, byte[] value, Instant at) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(key.getBytes(StandardCharsets.UTF_8), value, at);
  }

  private List<RequestStatus> published() {
    return records(Topics.STATUS).stream()
        .map(record -> rows.deserialize(Topics.STATUS, record.value()))
        .toList();
  }

  private List<TestRecord<byte[], byte[]>> records(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static Properties streamsProperties() {
    Properties streams = new Properties();
    streams.put(StreamsConfig.APPLICATION_ID_CONFIG, "status-test");
    streams.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "not-used:1");
    streams.put(StreamsConfig.STATE_DIR_CONFIG, temporaryFolder());
    return streams;
  }

  private static String temporaryFolder() {
    try {
      return Files.createTempDirectory("status-stage").toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
