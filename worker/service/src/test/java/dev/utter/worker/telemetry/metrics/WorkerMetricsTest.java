package dev.utter.worker.telemetry.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.kafka.EmbeddedKafka;
import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.events.Topics;
import dev.utter.worker.streams.Polls;
import dev.utter.worker.streams.StreamsProperties;
import dev.utter.worker.streams.commit.CommitTime;
import dev.utter.worker.telemetry.MetricsFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class WorkerMetricsTest {
  private static final Pattern LABEL = Pattern.compile("\\w+=\"[^\"]*\"");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-");
  private static final List<String> IDENTITIES =
      List.of("client_id=", "thread_id=", "process_id=", "worker=", "application_id=");

  @TempDir private Path folder;

  @Test
  void theLagOfATopicIsThereOnceAndUnderItsName() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.temporary());
        WorkerMetrics metrics = new WorkerMetrics("w");
        KafkaStreams streams = new KafkaStreams(topology(), properties(kafka))) {
      // Given
      publish(kafka);
      streams.start();
      await().atMost(Duration.ofMinutes(1)).until(() -> hasLag(streams));

      // When
      metrics.watch(streams);

      // Then
      List<String> lags = lines(metrics, "kafka_consumer_fetch_manager_records_lag{");
      assertThat(lags).anyMatch(line -> line.contains(Topics.REQUESTS));
      assertThat(lags).noneMatch(line -> line.contains("utter_requests"));
    }
  }

  @Test
  void theSeriesOfAStageAreTheSameAfterARestartEvenWithoutItsState() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.temporary())) {
      // Given
      publish(kafka);

      // When
      Set<String> first = labels(kafka, folder.resolve("first"));
      Set<String> second = labels(kafka, folder.resolve("second"));

      // Then
      assertThat(first).anyMatch(label -> label.startsWith("thread_id="));
      assertThat(second).isEqualTo(first);
      assertThat(second).noneMatch(label -> UUID.matcher(label).find());
    }
  }

  /** The labels of a stage's series, but for those that name a meter's kind or topic. */
  private static Set<String> labels(EmbeddedKafka kafka, Path state) {
    Properties properties =
        StreamsProperties.of(
            "utter-status",
            "worker-1",
            state,
            64L << 20,
            Polls.of(50),
            CommitTime.SELDOM,
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            Map.of(),
            Map.of(),
            Map.of());
    try (WorkerMetrics metrics = new WorkerMetrics("worker-1");
        KafkaStreams streams = new KafkaStreams(topology(), properties)) {
      streams.start();
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> streams.state() == KafkaStreams.State.RUNNING && hasLag(streams));
      metrics.watch(streams);
      return lines(metrics, "kafka_").stream()
          .flatMap(line -> LABEL.matcher(line).results())
          .map(MatchResult::group)
          .filter(label -> IDENTITIES.stream().anyMatch(label::startsWith))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** Whether the client has the meter; the registry would look for new ones once a minute. */
  private static boolean hasLag(KafkaStreams streams) {
    return streams.metrics().keySet().stream()
        .anyMatch(
            meter ->
                meter.name().equals("records-lag")
                    && Topics.REQUESTS.equals(meter.tags().get("topic")));
  }

  private static List<String> lines(WorkerMetrics metrics, String name) {
    return metrics
        .scrape(MetricsFormat.TEXT)
        .lines()
        .filter(line -> line.startsWith(name))
        .toList();
  }

  private static Topology topology() {
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    return new Topology().addSource("source", in, in, Topics.REQUESTS);
  }

  private Properties properties(EmbeddedKafka kafka) {
    Properties properties = new Properties();
    properties.put("application.id", "metrics-test");
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("state.dir", folder.toString());
    properties.put("auto.offset.reset", "earliest");
    return properties;
  }

  private static void publish(EmbeddedKafka kafka) throws Exception {
    Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (Admin admin = Admin.create(client);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      admin.createTopics(List.of(new NewTopic(Topics.REQUESTS, 1, (short) 1))).all().get();
      producer.send(new ProducerRecord<>(Topics.REQUESTS, new byte[1])).get();
    }
  }
}
