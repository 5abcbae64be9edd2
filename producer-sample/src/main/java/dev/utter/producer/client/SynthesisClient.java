package dev.utter.producer.client;

import dev.utter.events.PublisherHeader;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Publishes requests and cancellations. Both are keyed by request id, and sending the same request
 * twice is harmless: it gets one outcome. So a caller that is not sure whether a request was
 * published publishes it again. Safe for use by several threads.
 */
public final class SynthesisClient implements AutoCloseable {
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Producer<String, SpecificRecord> producer;
  private final Optional<String> publisher;
  private final Clock clock;

  /** A client that waits up to a minute for the brokers. */
  public SynthesisClient(KafkaAccess access) {
    this(access, SEND_TIMEOUT, Optional.empty());
  }

  /**
   * A client.
   *
   * @param sendTimeout how long a publication may wait for the brokers before it fails
   * @param publisher name that requests and cancellations carry, see {@link PublisherHeader}
   */
  public SynthesisClient(KafkaAccess access, Duration sendTimeout, Optional<String> publisher) {
    this(
        new KafkaProducer<>(
            access.with(
                Map.of(
                    "key.serializer",
                    StringSerializer.class,
                    "value.serializer",
                    KafkaAvroSerializer.class,
                    "max.block.ms",
                    sendTimeout.toMillis(),
                    "acks",
                    "all",
                    "enable.idempotence",
                    true))),
        publisher,
        Clock.systemUTC());
  }

  private SynthesisClient(
      Producer<String, SpecificRecord> producer, Optional<String> publisher, Clock clock) {
    this.producer = producer;
    this.publisher = publisher;
    this.clock = clock;
  }

  /** Publishes a request. The result completes when the brokers have acknowledged it. */
  public CompletableFuture<Void> publish(SynthesisRequested request) {
    return send(Topics.REQUESTS, request.getRequestId(), request);
  }

  /** Cancels a request. It then fails as CANCELLED, unless it already has an outcome. */
  public CompletableFuture<Void> cancel(String requestId) {
    return send(
        Topics.CANCELLATIONS,
        requestId,
        SynthesisCancelled.newBuilder()
            .setRequestId(requestId)
            .setCancelledAt(clock.instant())
            .build());
  }

  private CompletableFuture<Void> send(String topic, String requestId, SpecificRecord event) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    ProducerRecord<String, SpecificRecord> record = new ProducerRecord<>(topic, requestId, event);
    publisher.ifPresent(
        name -> record.headers().add(PublisherHeader.NAME, name.getBytes(StandardCharsets.UTF_8)));
    try {
      producer.send(
          record,
          (metadata, failure) -> {
            if (failure == null) {
              acknowledged.complete(null);
            } else {
              acknowledged.completeExceptionally(failure);
            }
          });
    } catch (KafkaException e) {
      // The registry does not answer, or refuses the schema.
      acknowledged.completeExceptionally(e);
    }
    return acknowledged;
  }

  /** Waits for unsent records, ten seconds at most. */
  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
  }
}
