package dev.utter.chaos.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.chaos.history.Entry.Asked;
import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.chaos.history.History;
import dev.utter.chaos.record.OpenRequests;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Publishes requests, and records each in the history when the broker has acknowledged it. Methods
 * may be called from any thread.
 */
public final class Publisher implements AutoCloseable {
  private static final byte[] NO_REQUEST = "this is no request".getBytes(UTF_8);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaAvroSerializer serializer = new KafkaAvroSerializer();
  private final Requests requests;
  private final History history;
  private final OpenRequests open;
  private final int partitions;
  private final Queue<Future<RecordMetadata>> sent = new ConcurrentLinkedQueue<>();

  /** Makes a publisher for topics with this number of partitions. */
  public Publisher(
      String bootstrapServers,
      String registryUrl,
      Requests requests,
      History history,
      OpenRequests open,
      int partitions) {
    this.requests = requests;
    this.history = history;
    this.open = open;
    this.partitions = partitions;
    serializer.configure(Map.of("schema.registry.url", registryUrl), false);
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "acks",
                "all",
                "enable.idempotence",
                true,
                "linger.ms",
                0,
                "reconnect.backoff.max.ms",
                500,
                "delivery.timeout.ms",
                120_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Publishes the records of one number. */
  void mixed(int number) {
    requests.mixed(number).forEach(this::publish);
  }

  /** Publishes an ordinary request that must be completed. */
  public void plain(String id, Priority priority, Bound bound) {
    publish(requests.plain(id, priority, bound));
  }

  /** Publishes a request whose deadline passes in its lane. */
  public void hopeless(String id) {
    publish(requests.hopeless(id));
  }

  /** The partition of a key, in every topic. */
  int partition(String key) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8))) % partitions;
  }

  /** The first id with this prefix whose key belongs to a partition. */
  public String idIn(int partition, String start) {
    int number = 0;
    while (partition(start + "-" + number) != partition) {
      number++;
    }
    return start + "-" + number;
  }

  /**
   * Returns when the broker has acknowledged all records.
   *
   * @throws IllegalStateException if the broker refuses a record
   */
  public void flush() throws InterruptedException {
    for (Future<RecordMetadata> sending = sent.poll(); sending != null; sending = sent.poll()) {
      try {
        sending.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a request was not published: " + e.getCause(), e);
      }
    }
  }

  private void publish(Planned planned) {
    String topic =
        planned.publication() == Publication.CANCELLATION ? Topics.CANCELLATIONS : Topics.REQUESTS;
    int own = partition(planned.key());
    int partition = planned.misplaced() ? (own + 1) % partitions : own;
    if (planned.publication() == Publication.REQUEST) {
      open.asked(planned.key());
    }
    long at = History.now();
    sent.removeIf(Publisher::isDelivered);
    sent.add(
        producer.send(
            new ProducerRecord<>(
                topic,
                partition,
                planned.timestamp().orElse(null),
                planned.key().getBytes(UTF_8),
                value(topic, planned)),
            (metadata, failure) -> {
              if (failure == null) {
                note(planned, at, metadata);
              }
            }));
  }

  private void note(Planned planned, long at, RecordMetadata metadata) {
    String id =
        planned.publication() == Publication.UNDECODABLE
            ? ""
            : planned.request().map(SynthesisRequested::getRequestId).orElse(planned.key());
    history.add(
        new Asked(
            at,
            id,
            planned.key(),
            metadata.partition(),
            metadata.offset(),
            planned.publication(),
            planned.expected(),
            planned.bound()));
  }

  private byte[] value(String topic, Planned planned) {
    if (planned.publication() == Publication.UNDECODABLE) {
      return NO_REQUEST;
    }
    if (planned.publication() == Publication.CANCELLATION) {
      return serializer.serialize(
          topic,
          SynthesisCancelled.newBuilder()
              .setRequestId(planned.key())
              .setCancelledAt(Instant.now())
              .build());
    }
    return serializer.serialize(topic, planned.request().orElseThrow());
  }

  private static boolean isDelivered(Future<RecordMetadata> sending) {
    if (!sending.isDone()) {
      return false;
    }
    try {
      sending.get();
      return true;
    } catch (ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(10));
    serializer.close();
  }
}
