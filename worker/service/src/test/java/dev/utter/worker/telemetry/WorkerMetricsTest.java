package dev.utter.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.kafka.EmbeddedKafka;
import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.events.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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

  /** Whether the client has the meter; the registry would look for new ones once a minute. */
  private static boolean hasLag(KafkaStreams streams) {
    return streams.metrics().keySet().stream()
        .anyMatch(
            meter ->
                meter.name().equals("records-lag")
                    && Topics.REQUESTS.equals(meter.tags().get("topic")));
  }

  private static List<String> lines(WorkerMetrics metrics, String name) {
    return metrics.scrape().lines().filter(line -> line.startsWith(name)).toList();
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
