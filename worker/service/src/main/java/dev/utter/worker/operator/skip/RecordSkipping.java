package dev.utter.worker.operator.skip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.intake.offsets.Progress;
import dev.utter.worker.intake.offsets.UnreadableProgressException;
import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.skip.SkipOrder;
import dev.utter.worker.skip.SkipOrders;
import dev.utter.worker.skip.SkippingStage;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Finds a record that may be skipped, and orders a stage to skip it. It changes no offset: the
 * stage itself publishes the outcome and the dead letter, in the transaction that moves its offset.
 *
 * <p>Threading: used by one thread; calls block. All throw {@link KafkaException} if the brokers do
 * not answer or refuse.
 */
public final class RecordSkipping implements AutoCloseable {
  private static final Duration READ = Duration.ofSeconds(15);
  private static final long NOTHING = -1;

  private final KafkaSettings kafka;
  private final Admin admin;

  /** On the cluster of these settings. */
  public RecordSkipping(KafkaSettings kafka) {
    this.kafka = requireNonNull(kafka, "kafka is null");
    admin = Admin.create(new HashMap<>(kafka.client()));
  }

  /** The record at a position, with all stages that read its topic; empty if there is none. */
  public Optional<RecordFacts> find(RecordPosition position) {
    return read(position)
        .map(
            record ->
                new RecordFacts(
                    position,
                    Optional.ofNullable(record.key()).map(key -> new String(key, UTF_8)),
                    Instant.ofEpochMilli(record.timestamp()),
                    record.value() == null ? 0 : record.value().length,
                    SkipOrder.digest(record.key(), record.value()),
                    standings(position)));
  }

  private Optional<ConsumerRecord<byte[], byte[]>> read(RecordPosition position) {
    TopicPartition partition = new TopicPartition(position.topic(), position.partition());
    Map<String, Object> properties = new HashMap<>(kafka.client());
    properties.putAll(kafka.consumer());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("auto.offset.reset", "none");
    properties.put("allow.auto.create.topics", false);
    properties.put("max.poll.records", 1);
    properties.put("default.api.timeout.ms", (int) READ.toMillis());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<PartitionInfo> known = consumer.partitionsFor(position.topic());
      if (known == null || known.size() <= position.partition()) {
        return Optional.empty();
      }
      consumer.assign(List.of(partition));
      long begin = requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
      long end = requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
      if (position.offset() < begin || position.offset() >= end) {
        return Optional.empty();
      }
      consumer.seek(partition, position.offset());
      long deadline = System.nanoTime() + READ.toNanos();
      while (consumer.position(partition) < end) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(500));
        if (!records.isEmpty()) {
          ConsumerRecord<byte[], byte[]> first = records.iterator().next();
          return first.offset() == position.offset() ? Optional.of(first) : Optional.empty();
        }
        if (System.nanoTime() - deadline > 0) {
          throw new org.apache.kafka.common.errors.TimeoutException(
              "no answer about " + position + " in " + READ.toSeconds() + " s");
        }
      }
      return Optional.empty();
    }
  }

  private Map<SkippingStage, Standing> standings(RecordPosition position) {
    Map<SkippingStage, Standing> standings = new EnumMap<>(SkippingStage.class);
    for (SkippingStage stage : SkippingStage.values()) {
      if (StageInputs.of(stage).contains(position.topic())) {
        standings.put(stage, standing(stage, position));
      }
    }
    return standings;
  }

  /** How far a stage is with the record. */
  public Standing standing(SkippingStage stage, RecordPosition position) {
    Optional<OffsetAndMetadata> found = committed(stage, position);
    if (found.isEmpty()) {
      return new Standing(Standing.State.LATER, NOTHING, 0);
    }
    long committed = found.get().offset();
    byte state = stage == SkippingStage.SYNTHESIS ? progress(found.get(), position) : 0;
    if (position.offset() < committed || state == Progress.FINISHED) {
      return new Standing(Standing.State.FINISHED, committed, 0);
    }
    return new Standing(
        position.offset() == committed ? Standing.State.FIRST_UNFINISHED : Standing.State.LATER,
        committed,
        state);
  }

  private static byte progress(OffsetAndMetadata found, RecordPosition position) {
    try {
      return Progress.decode(found.metadata()).state(position.offset() - found.offset());
    } catch (UnreadableProgressException e) {
      throw new KafkaException(
          "the partition is refused, since its progress cannot be read: " + e.getMessage(), e);
    }
  }

  private Optional<OffsetAndMetadata> committed(SkippingStage stage, RecordPosition position) {
    TopicPartition partition = new TopicPartition(position.topic(), position.partition());
    String group = kafka.groupPrefix() + "-" + stage.label();
    try {
      return Optional.ofNullable(
          admin
              .listConsumerGroupOffsets(
                  Map.of(
                      group,
                      new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition))))
              .partitionsToOffsetAndMetadata(group)
              .get()
              .get(partition));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while offsets were read", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Optional.empty();
      }
      throw new KafkaException("the offsets of " + group + " cannot be read", e.getCause());
    }
  }

  /** Orders a stage to skip the record; returns when the brokers have the order. */
  public void order(RecordFacts record, SkippingStage stage, String note) {
    SkipOrder order = new SkipOrder(stage, record.position(), record.digest(), note);
    Map<String, Object> properties = new HashMap<>(kafka.client());
    properties.putAll(kafka.producer());
    properties.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(Topics.SKIPS, SkipOrders.PARTITION, order.key(), order.encode()))
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while the order was sent", e);
    } catch (ExecutionException e) {
      throw new KafkaException("Kafka did not accept the order", e.getCause());
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
