package dev.utter.cli;

import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.EventDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Records that workers published, from the beginning, as a read_committed consumer sees them. */
final class PublishedRecords implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final EventDeserializer<SynthesisCompleted> completed;
  private final EventDeserializer<SynthesisFailed> failed;
  private final EventDeserializer<WatermarkVerified> verified;
  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

  PublishedRecords(EmbeddedStack stack) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", stack.bootstrapServers(),
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest",
                // The broker answers one request of a connection at a time: what asks for the end
                // of the log would wait behind the fetch before it.
                "fetch.max.wait.ms", "10"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        Stream.of(Topics.COMPLETED, Topics.FAILED, Topics.VERIFIED, Topics.DEAD_LETTERS)
            .flatMap(
                topic ->
                    IntStream.range(0, ChildWorkers.PARTITIONS)
                        .mapToObj(number -> new TopicPartition(topic, number)))
            .toList();
    consumer.assign(partitions);
    Map<String, String> registry = Map.of("schema.registry.url", stack.schemaRegistryUrl());
    completed = new EventDeserializer<>(SynthesisCompleted.class, registry);
    failed = new EventDeserializer<>(SynthesisFailed.class, registry);
    verified = new EventDeserializer<>(WatermarkVerified.class, registry);
  }

  /** The completed event of a request, once it is there. */
  SynthesisCompleted completed(String id) {
    ConsumerRecord<byte[], byte[]> record =
        awaited("completed event of " + id, () -> of(Topics.COMPLETED, id).findFirst());
    return completed.deserialize(record.topic(), record.headers(), record.value());
  }

  /** The first failed event of a request, once it is there. */
  SynthesisFailed failed(String id) {
    ConsumerRecord<byte[], byte[]> record =
        awaited("failed event of " + id, () -> of(Topics.FAILED, id).findFirst());
    return failed.deserialize(record.topic(), record.headers(), record.value());
  }

  /** The first record of a topic under an id, once it is there. */
  ConsumerRecord<byte[], byte[]> record(String topic, String id) {
    return awaited("record of " + id + " on " + topic, () -> of(topic, id).findFirst());
  }

  /** The verdicts under an id, once there are this many. */
  List<Verdict> verdicts(String id, int count) {
    awaited(
        count + " verdicts of " + id, () -> of(Topics.VERIFIED, id).skip(count - 1L).findFirst());
    return of(Topics.VERIFIED, id)
        .map(record -> verified.deserialize(record.topic(), record.headers(), record.value()))
        .map(WatermarkVerified::getVerdict)
        .toList();
  }

  /** The reason and the message of a record's dead letter, once it is there. */
  String deadLetter(RecordMetadata source) {
    ConsumerRecord<byte[], byte[]> letter =
        awaited(
            "dead letter of " + source,
            () ->
                records.stream()
                    .filter(record -> record.topic().equals(Topics.DEAD_LETTERS))
                    .filter(
                        record -> header(record, DeadLetterHeaders.TOPIC).equals(source.topic()))
                    .filter(
                        record ->
                            header(record, DeadLetterHeaders.PARTITION)
                                .equals(Integer.toString(source.partition())))
                    .filter(
                        record ->
                            header(record, DeadLetterHeaders.OFFSET)
                                .equals(Long.toString(source.offset())))
                    .findFirst());
    return header(letter, DeadLetterHeaders.REASON)
        + " "
        + header(letter, DeadLetterHeaders.MESSAGE);
  }

  /** Number of outcomes published under an id so far. */
  long outcomes(String id) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (!ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
      poll();
    }
    return Stream.of(Topics.COMPLETED, Topics.FAILED).flatMap(topic -> of(topic, id)).count();
  }

  private Stream<ConsumerRecord<byte[], byte[]>> of(String topic, String id) {
    return records.stream()
        .filter(record -> record.topic().equals(topic))
        .filter(record -> new String(record.key(), StandardCharsets.UTF_8).equals(id));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private interface Search {
    Optional<ConsumerRecord<byte[], byte[]>> find();
  }

  private ConsumerRecord<byte[], byte[]> awaited(String what, Search search) {
    await(what)
        .atMost(ChildWorkers.PATIENCE)
        .pollInSameThread()
        .until(
            () -> {
              poll();
              return search.find().isPresent();
            });
    return search.find().orElseThrow();
  }

  private void poll() {
    consumer.poll(Duration.ofMillis(200)).forEach(records::add);
  }

  @Override
  public void close() {
    consumer.close();
    completed.close();
    failed.close();
    verified.close();
  }
}
