package dev.utter.worker.intake;

import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only place that talks transactions: outcomes and offsets become visible together or not at
 * all. Owns the transactional producer and makes a new one after any error that leaves the old one
 * useless. Used by the intake's thread alone.
 */
final class OutcomeTransactions implements AutoCloseable {
  /** How a transaction ended. */
  enum Result {
    /** Visible. */
    COMMITTED,
    /** Certainly not visible, now or later. */
    ABORTED,
    /**
     * The broker's answer to the commit was lost; {@link #ready()} settles it one way or the other.
     */
    IN_DOUBT
  }

  private static final Logger LOGGER = LoggerFactory.getLogger(OutcomeTransactions.class);

  /** In a row, with no commit between them: then another process uses our transactional id. */
  private static final int MAX_FENCINGS = 5;

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Map<ProducerRecord<byte[], byte[]>, Future<RecordMetadata>> sent =
      new IdentityHashMap<>();
  private Producer<byte[], byte[]> producer;
  private Exception lastFailure;
  private int fencings;

  /** Talks through the producers it is given: transactional ones, all with one id. */
  OutcomeTransactions(Supplier<Producer<byte[], byte[]>> producers) {
    this.producers = producers;
  }

  /**
   * Whether a producer is ready, made now if necessary. When it is, no transaction of an earlier
   * producer is open or undecided any more.
   *
   * @throws WorkerBrokenException if no producer can ever be made
   */
  boolean ready() {
    if (producer != null) {
      return true;
    }
    Producer<byte[], byte[]> fresh = producers.get();
    try {
      fresh.initTransactions();
      producer = fresh;
      return true;
    } catch (InvalidConfigurationException e) {
      // Covers authentication, authorization and features the broker lacks.
      fresh.close(Duration.ZERO);
      throw new WorkerBrokenException("no transactional producer: " + e.getMessage(), e);
    } catch (KafkaException e) {
      fresh.close(Duration.ZERO);
      LOGGER
          .atWarn()
          .addKeyValue("reason", e.toString())
          .log("Transactional producer not ready, trying again");
      return false;
    }
  }

  /** One transaction. The producer must be {@linkplain #ready() ready}. */
  Result commit(
      List<ProducerRecord<byte[], byte[]>> records,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group) {
    lastFailure = null;
    sent.clear();
    try {
      producer.beginTransaction();
      records.forEach(this::send);
      producer.sendOffsetsToTransaction(offsets, group);
    } catch (KafkaException | IllegalStateException e) {
      failed(e);
      abort();
      return Result.ABORTED;
    }
    try {
      producer.commitTransaction();
      fencings = 0;
      return Result.COMMITTED;
    } catch (KafkaException | IllegalStateException e) {
      failed(e);
      // Even an error that looks final may follow a commit whose answer got lost: ask the broker.
      discard();
      return Result.IN_DOUBT;
    }
  }

  /** Why the last transaction was not committed. */
  Exception lastFailure() {
    return lastFailure;
  }

  /** The record that made the last transaction fail because the broker never takes its size. */
  Optional<ProducerRecord<byte[], byte[]>> tooLarge() {
    return sent.entrySet().stream()
        .filter(entry -> isTooLarge(entry.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean isTooLarge(Future<RecordMetadata> sending) {
    return failure(sending).filter(RecordTooLargeException.class::isInstance).isPresent();
  }

  /** Sends, and ends the transaction at a failure that is known at once. */
  private void send(ProducerRecord<byte[], byte[]> record) {
    Future<RecordMetadata> sending = producer.send(record);
    sent.put(record, sending);
    // With the broker away every send waits for metadata: one such wait is enough for a turn.
    failure(sending)
        .ifPresent(
            why -> {
              throw new KafkaException("not sent: " + why.getMessage(), why);
            });
  }

  private static Optional<Throwable> failure(Future<RecordMetadata> sending) {
    if (!sending.isDone()) {
      return Optional.empty();
    }
    try {
      sending.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private void failed(RuntimeException why) {
    lastFailure = why;
    LOGGER.atInfo().addKeyValue("reason", why.toString()).log("Transaction not committed");
    Throwable root = why.getCause() == null ? why : why.getCause();
    if (root instanceof ProducerFencedException || root instanceof InvalidProducerEpochException) {
      fencings++;
      if (fencings >= MAX_FENCINGS) {
        discard();
        throw new WorkerBrokenException(
            "fenced "
                + fencings
                + " times in a row: another process uses the same transactional id",
            why);
      }
    }
  }

  private void abort() {
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      discard();
    }
  }

  private void discard() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(5));
      producer = null;
    }
  }
}
