package dev.utter.embedded.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes and reads plain text records on a broker. */
final class KafkaRecords {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String bootstrapServers;

  KafkaRecords(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  String freshTopic() throws Exception {
    String topic = "topic-" + UUID.randomUUID();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    return topic;
  }

  void write(String topic, String... values) throws Exception {
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      for (String value : values) {
        producer.send(new ProducerRecord<>(topic, value)).get();
      }
    }
  }

  KafkaProducer<String, String> producer(Map<String, Object> properties) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("bootstrap.servers", bootstrapServers);
    all.put("acks", "all");
    return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
  }

  /** Reads committed values of a new group from the beginning until as many as wanted came. */
  List<String> read(String topic, int wanted) {
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "group.id",
            "group-" + UUID.randomUUID(),
            "group.protocol",
            "consumer",
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed");
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      Instant end = Instant.now().plus(PATIENCE);
      while (values.size() < wanted && Instant.now().isBefore(end)) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
