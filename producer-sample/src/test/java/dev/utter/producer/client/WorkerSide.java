package dev.utter.producer.client;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.SharedStack;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Takes the worker's part on the topics: reads requests and publishes results in transactions. */
public final class WorkerSide implements AutoCloseable {
  private final EmbeddedStack stack = SharedStack.get();
  private final KafkaAvroSerializer serializer = new KafkaAvroSerializer();
  private final KafkaProducer<String, byte[]> producer;

  public WorkerSide() {
    serializer.configure(Map.of("schema.registry.url", stack.schemaRegistryUrl()), false);
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                stack.bootstrapServers(),
                "transactional.id",
                "worker-side-" + UUID.randomUUID(),
                "key.serializer",
                StringSerializer.class,
                "value.serializer",
                ByteArraySerializer.class));
    producer.initTransactions();
  }

  public static KafkaAccess kafka() {
    EmbeddedStack stack = SharedStack.get();
    return new KafkaAccess(stack.bootstrapServers(), stack.schemaRegistryUrl(), Map.of());
  }

  public static StorageAccess storage() {
    EmbeddedStack stack = SharedStack.get();
    return new StorageAccess(
        stack.s3Endpoint(), "us-east-1", stack.s3AccessKey(), stack.s3SecretKey());
  }

  public void publish(String topic, String requestId, Object event) {
    publishBytes(topic, requestId, serializer.serialize(topic, event));
  }

  void publishBytes(String topic, String requestId, byte[] value) {
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, requestId, value));
    producer.commitTransaction();
  }

  void abort(String topic, String requestId, Object event) {
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, requestId, serializer.serialize(topic, event)));
    producer.flush();
    producer.abortTransaction();
  }

  /** Every event of a topic with the given key so far. */
  public static List<Object> events(String topic, String requestId) {
    return records(topic, requestId).stream().map(ConsumerRecord::value).toList();
  }

  /** Every record of a topic with the given key so far. */
  static List<ConsumerRecord<String, Object>> records(String topic, String requestId) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", SharedStack.get().bootstrapServers());
    properties.put("schema.registry.url", SharedStack.get().schemaRegistryUrl());
    properties.put("key.deserializer", StringDeserializer.class);
    properties.put("value.deserializer", KafkaAvroDeserializer.class);
    properties.put("specific.avro.reader", true);
    List<ConsumerRecord<String, Object>> records = new ArrayList<>();
    try (KafkaConsumer<String, Object> consumer = new KafkaConsumer<>(properties)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                message -> {
                  if (requestId.equals(message.key())) {
                    records.add(message);
                  }
                });
      }
    }
    return records;
  }

  public void complete(String requestId, String sha256) {
    publish(Topics.COMPLETED, requestId, SampleEvents.completed(requestId, sha256));
    publish(Topics.VERIFIED, requestId, SampleEvents.verified(requestId, Verdict.MATCH));
  }

  @Override
  public void close() {
    producer.close();
    serializer.close();
  }
}
