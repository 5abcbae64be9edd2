package dev.utter.worker.synthesis.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes that generation began: best effort, outside any transaction. Thread-safe; may block.
 */
public final class StartedEvents implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(StartedEvents.class);

  private final Producer<byte[], byte[]> producer;
  private final EventSerializer serializer;
  private final String worker;
  private final Clock clock;

  /**
   * Opens a producer.
   *
   * @param kafka properties of the client
   */
  public StartedEvents(
      Map<String, String> kafka, EventSerializer serializer, String worker, Clock clock) {
    this(producer(kafka), serializer, worker, clock);
  }

  /** With a producer, which is closed with this. */
  public StartedEvents(
      Producer<byte[], byte[]> producer, EventSerializer serializer, String worker, Clock clock) {
    this.producer = producer;
    this.serializer = serializer;
    this.worker = worker;
    this.clock = clock;
  }

  private static Producer<byte[], byte[]> producer(Map<String, String> kafka) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "2000");
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Publishes that an attempt at a request began; a failure is logged only. */
  public void publish(String requestId, int attempt) {
    try {
      SynthesisStarted event =
          SynthesisStarted.newBuilder()
              .setRequestId(requestId)
              .setWorker(worker)
              .setAttempt(attempt)
              .setStartedAt(clock.instant())
              .build();
      producer.send(
          new ProducerRecord<>(
              Topics.STARTED,
              requestId.getBytes(UTF_8),
              serializer.serialize(Topics.STARTED, event)));
    } catch (RuntimeException e) {
      LOGGER.atDebug().setCause(e).log("Started event not published");
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
