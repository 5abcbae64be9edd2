package dev.utter.worker.operator.requests;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.SynthesisCancelled;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.streams.KeyPartitioner;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes the cancellation of a request, as its publisher would. */
public final class Cancellation {
  private Cancellation() {}

  /**
   * Publishes it, and waits until the brokers have it.
   *
   * @param publisher name of the request's publisher; empty if it has none
   * @throws KafkaException if the brokers do not answer or refuse
   * @throws dev.utter.worker.failure.RetryLaterException if the registry does not answer
   */
  public static void publish(
      WorkerSettings settings, String requestId, Optional<String> publisher, Instant now) {
    byte[] key = requestId.getBytes(UTF_8);
    byte[] value;
    try (EventSerializer serializer = new EventSerializer(settings.registry().client())) {
      value =
          serializer.serialize(
              Topics.CANCELLATIONS,
              SynthesisCancelled.newBuilder().setRequestId(requestId).setCancelledAt(now).build());
    }
    Map<String, Object> properties = new HashMap<>(settings.kafka().client());
    properties.putAll(settings.kafka().producer());
    properties.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      int partition =
          KeyPartitioner.partition(key, producer.partitionsFor(Topics.CANCELLATIONS).size());
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(Topics.CANCELLATIONS, partition, key, value);
      publisher.ifPresent(
          name -> record.headers().add(settings.publishers().header(), name.getBytes(UTF_8)));
      producer.send(record).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while a cancellation was sent", e);
    } catch (ExecutionException e) {
      throw new KafkaException("Kafka did not accept the cancellation", e.getCause());
    }
  }
}
