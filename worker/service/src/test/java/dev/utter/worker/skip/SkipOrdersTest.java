package dev.utter.worker.skip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.kafka.EmbeddedKafka;
import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class SkipOrdersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] KEY = "order-7".getBytes(UTF_8);
  private static final byte[] VALUE = "a request".getBytes(UTF_8);
  private static final TopicPartition ORDERS =
      new TopicPartition(Topics.SKIPS, SkipOrders.PARTITION);

  private EmbeddedKafka kafka;
  private Admin admin;
  private SkipOrders orders;

  @BeforeEach
  void start() throws Exception {
    kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.temporary());
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    admin.createTopics(List.of(new NewTopic(Topics.SKIPS, 1, (short) 1))).all().get();
    orders =
        new SkipOrders(
            Map.of("bootstrap.servers", kafka.bootstrapServers()), Duration.ofMillis(50));
  }

  @AfterEach
  void stop() {
    orders.close();
    admin.close();
    kafka.close();
  }

  @Test
  void anOrderLastsAsLongAsItsTopicKeepsIt() throws Exception {
    // Given
    RecordPosition earlier = new RecordPosition(Topics.WORK_NORMAL, 3, 1207);
    RecordPosition later = new RecordPosition(Topics.WORK_NORMAL, 3, 1208);
    publish(earlier);
    publish(later);
    orders.awaitRead();
    assertThat(isSkipped(earlier)).isTrue();

    // When
    admin.deleteRecords(Map.of(ORDERS, RecordsToDelete.beforeOffset(1))).all().get();

    // Then
    await().atMost(PATIENCE).until(() -> !isSkipped(earlier));
    assertThat(isSkipped(later)).isTrue();
  }

  @Test
  void aRepeatedOrderLastsAsLongAsTheLastOne() throws Exception {
    // Given
    RecordPosition repeated = new RecordPosition(Topics.WORK_NORMAL, 3, 1207);
    RecordPosition marker = new RecordPosition(Topics.WORK_BULK, 0, 1);
    publish(marker);
    publish(repeated);
    publish(repeated);
    orders.awaitRead();

    // When
    admin.deleteRecords(Map.of(ORDERS, RecordsToDelete.beforeOffset(2))).all().get();

    // Then
    await().atMost(PATIENCE).until(() -> !isSkipped(marker));
    assertThat(isSkipped(repeated)).isTrue();
  }

  private boolean isSkipped(RecordPosition position) {
    return orders.of(SkippingStage.SYNTHESIS).note(position, KEY, VALUE).isPresent();
  }

  private void publish(RecordPosition position) throws Exception {
    SkipOrder order =
        new SkipOrder(SkippingStage.SYNTHESIS, position, SkipOrder.digest(KEY, VALUE), "");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(Topics.SKIPS, SkipOrders.PARTITION, order.key(), order.encode()))
          .get();
    }
  }
}
