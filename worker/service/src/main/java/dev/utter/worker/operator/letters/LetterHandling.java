package dev.utter.worker.operator.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.Topics;
import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.streams.KeyPartitioner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes dead letters again, or marks them as dropped. The action on a letter and its mark are
 * one transaction. All operators share one transactional id: opening it ends the open transaction
 * of the previous operator. So what is read afterwards is final, and two operators at the same time
 * cannot both publish a letter.
 *
 * <p>So: open this first, then read the letters.
 *
 * <p>Threading: used by one thread; calls block.
 */
public final class LetterHandling implements AutoCloseable {
  /** The part of the transactional id after the group prefix. */
  public static final String TRANSACTIONAL_ID = "dead-letters";

  /** A dead letter may be larger than the client's default limit. */
  private static final int MAX_REQUEST_BYTES = 4 << 20;

  private final KafkaProducer<byte[], byte[]> producer;

  /**
   * Opens the producer and ends what another operator has open.
   *
   * @throws KafkaException if the brokers do not answer or refuse
   */
  public LetterHandling(KafkaSettings kafka) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("max.request.size", MAX_REQUEST_BYTES);
    properties.put("max.block.ms", 30_000);
    properties.putAll(kafka.client());
    properties.putAll(kafka.producer());
    properties.put("acks", "all");
    properties.put("enable.idempotence", true);
    properties.put("transactional.id", kafka.groupPrefix() + "-" + TRANSACTIONAL_ID);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close();
      throw e;
    }
  }

  /**
   * Publishes the record of a letter again, byte for byte, to the topic it came from.
   *
   * @return why the topic does not take it; empty if it is published
   * @throws KafkaException if the brokers do not answer or refuse
   */
  public Optional<String> redrive(Letter letter) {
    return transaction(List.of(again(letter), mark(letter, DeadLetterHeaders.REDRIVEN)));
  }

  /**
   * Marks a letter as dropped: nothing is to be done about it.
   *
   * @throws KafkaException if the brokers do not answer or refuse
   */
  public void drop(Letter letter) {
    transaction(List.of(mark(letter, DeadLetterHeaders.DROPPED)));
  }

  private ProducerRecord<byte[], byte[]> again(Letter letter) {
    byte[] key = letter.record().key();
    String topic = letter.topic();
    // The partition of its key, whatever partitioner is configured; without a key any.
    Integer partition =
        key == null
            ? null
            : Integer.valueOf(KeyPartitioner.partition(key, producer.partitionsFor(topic).size()));
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, key, letter.record().value());
    for (Header header : letter.original()) {
      if (!header.key().equals(DeadLetterHeaders.REDRIVES)) {
        record.headers().add(header);
      }
    }
    int redrives = Math.min(letter.redrives(), Letter.UNREADABLE_COUNT - 1) + 1;
    record.headers().add(DeadLetterHeaders.REDRIVES, utf8(Integer.toString(redrives)));
    return record;
  }

  private static ProducerRecord<byte[], byte[]> mark(Letter letter, String action) {
    LetterPosition position = letter.position();
    ProducerRecord<byte[], byte[]> mark =
        new ProducerRecord<>(
            Topics.DEAD_LETTERS, position.partition(), letter.record().key(), null);
    mark.headers()
        .add(DeadLetterHeaders.HANDLED, utf8(Long.toString(position.offset())))
        .add(DeadLetterHeaders.ACTION, utf8(action));
    return mark;
  }

  private Optional<String> transaction(List<ProducerRecord<byte[], byte[]>> records) {
    try {
      producer.beginTransaction();
      records.forEach(producer::send);
      producer.commitTransaction();
      return Optional.empty();
    } catch (KafkaException e) {
      if (isCausedBy(e, RecordTooLargeException.class)) {
        producer.abortTransaction();
        return Optional.of("its topic does not take a record so large: raise max.message.bytes");
      }
      // The open transaction is ended by close, or by the next operator.
      throw isCausedBy(e, ProducerFencedException.class)
              || isCausedBy(e, InvalidProducerEpochException.class)
          ? new KafkaException("another redrive or drop was started and ended this one", e)
          : e;
    }
  }

  private static boolean isCausedBy(Throwable failure, Class<? extends Throwable> kind) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  @Override
  public void close() {
    producer.close();
  }
}
