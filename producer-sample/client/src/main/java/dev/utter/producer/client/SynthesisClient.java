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
import java.util.regex.Pattern;
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
  private static final String TRACE_PARENT = "traceparent";
  private static final Pattern TRACE_PARENT_VALUE =
      Pattern.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final Producer<String, SpecificRecord> producer;
  private final Optional<String> publisher;
  private final RequestTracing tracing;
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
    this(access, sendTimeout, publisher, OpenTelemetryRequests.ofProcess());
  }

  /**
   * A client.
   *
   * @param sendTimeout how long a publication may wait for the brokers before it fails
   * @param publisher name that requests and cancellations carry, see {@link PublisherHeader}
   * @param tracing traces the publications
   */
  public SynthesisClient(
      KafkaAccess access,
      Duration sendTimeout,
      Optional<String> publisher,
      RequestTracing tracing) {
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
        tracing,
        Clock.systemUTC());
  }

  private SynthesisClient(
      Producer<String, SpecificRecord> producer,
      Optional<String> publisher,
      RequestTracing tracing,
      Clock clock) {
    this.producer = producer;
    this.publisher = publisher;
    this.tracing = tracing;
    this.clock = clock;
  }

  /** Publishes a request. The result completes when the brokers have acknowledged it. */
  public CompletableFuture<Void> publish(SynthesisRequested request) {
    return send(Topics.REQUESTS, request.getRequestId(), request, Optional.empty());
  }

  /**
   * Publishes a request as a part of a trace.
   *
   * @param traceParent the caller's span, as the W3C's recommendation writes it into {@code
   *     traceparent}
   * @throws IllegalArgumentException if it is none
   */
  public CompletableFuture<Void> publish(SynthesisRequested request, String traceParent) {
    if (!TRACE_PARENT_VALUE.matcher(traceParent).matches()) {
      throw new IllegalArgumentException(
          "traceParent is \"" + traceParent + "\", must be 00-TRACE-SPAN-FLAGS in hexadecimal");
    }
    return send(Topics.REQUESTS, request.getRequestId(), request, Optional.of(traceParent));
  }

  /** Cancels a request. It then fails as CANCELLED, unless it already has an outcome. */
  public CompletableFuture<Void> cancel(String requestId) {
    return send(
        Topics.CANCELLATIONS,
        requestId,
        SynthesisCancelled.newBuilder()
            .setRequestId(requestId)
            .setCancelledAt(clock.instant())
            .build(),
        Optional.empty());
  }

  private CompletableFuture<Void> send(
      String topic, String requestId, SpecificRecord event, Optional<String> traceParent) {
    CompletableFuture<Void> acknowledged = new CompletableFuture<>();
    ProducerRecord<String, SpecificRecord> record = new ProducerRecord<>(topic, requestId, event);
    publisher.ifPresent(
        name -> record.headers().add(PublisherHeader.NAME, name.getBytes(StandardCharsets.UTF_8)));
    traceParent.ifPresent(
        parent -> record.headers().add(TRACE_PARENT, parent.getBytes(StandardCharsets.UTF_8)));
    RequestTracing.Sending sending = tracing.begin(topic, requestId, record.headers());
    try {
      producer.send(
          record,
          (metadata, failure) -> {
            sending.ended(Optional.ofNullable(failure));
            if (failure == null) {
              acknowledged.complete(null);
            } else {
              acknowledged.completeExceptionally(failure);
            }
          });
    } catch (KafkaException e) {
      // The registry does not answer, or refuses the schema.
      sending.ended(Optional.of(e));
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
