package dev.utter.worker.intake.loop;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the transactions of the intake: outcomes and offsets become visible together or not at all.
 * Owns the transactional producer, and creates a new one after any error that makes the old one
 * unusable. Used by the intake's thread only.
 */
final class Transactions implements AutoCloseable {
  /** How a transaction ended. */
  enum Result {
    /** Visible. */
    COMMITTED,
    /** Certainly not visible, now or later. */
    ABORTED,
    /** The broker's answer to the commit was lost; {@link #ready()} determines the result. */
    IN_DOUBT
  }

  private static final Logger LOGGER = LoggerFactory.getLogger(Transactions.class);

  /** This many within {@link #FENCING_WINDOW} mean that another live process has the same id. */
  private static final int MAX_FENCINGS = 3;

  private static final long FENCING_WINDOW = Duration.ofMinutes(1).toNanos();

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Map<ProducerRecord<byte[], byte[]>, Future<RecordMetadata>> sent =
      new IdentityHashMap<>();
  private final Deque<Long> fencings = new ArrayDeque<>();
  private final String transactionalId;
  private final long transactionTimeout;
  private final IntakeListener listener;
  private final LongSupplier nanos;
  private @Nullable Producer<byte[], byte[]> producer;
  private @Nullable Exception lastFailure;
  private @Nullable KafkaException notReady;
  private long began;

  /** Uses the given producers: transactional ones, all with the settings' id. */
  Transactions(
      Supplier<Producer<byte[], byte[]>> producers,
      IntakeSettings settings,
      IntakeListener listener,
      LongSupplier nanos) {
    this.producers = producers;
    this.transactionalId = settings.transactionalId();
    this.transactionTimeout = settings.transactionTimeout().toNanos();
    this.listener = listener;
    this.nanos = nanos;
  }

  /**
   * Whether a producer is ready; creates one if necessary. Once it is ready, no transaction of an
   * earlier producer is open or in doubt.
   *
   * @throws WorkerBrokenException if no producer can ever be made
   */
  boolean ready() {
    if (producer != null) {
      return true;
    }
    Producer<byte[], byte[]> fresh = null;
    try {
      fresh = producers.get();
      fresh.initTransactions();
      producer = fresh;
      notReady = null;
      return true;
    } catch (InvalidConfigurationException e) {
      // Covers authentication, authorization and features the broker lacks.
      close(fresh);
      throw new WorkerBrokenException("no transactional producer: " + e.getMessage(), e);
    } catch (KafkaException e) {
      // Also a producer that cannot be created, for example while no broker's name can be resolved.
      close(fresh);
      notReady = e;
      LOGGER
          .atWarn()
          .addKeyValue("reason", reason(e))
          .log("Transactional producer not ready, trying again");
      return false;
    }
  }

  /** Why there is no producer; empty if there is one, or none was wanted yet. */
  Optional<String> whyNotReady() {
    return Optional.ofNullable(notReady).map(Transactions::reason);
  }

  private static void close(@Nullable Producer<byte[], byte[]> producer) {
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
  }

  private static String reason(KafkaException why) {
    return why.getCause() == null ? why.toString() : why + ": " + why.getCause().getMessage();
  }

  /** One transaction. The producer must be {@linkplain #ready() ready}. */
  Result commit(
      List<ProducerRecord<byte[], byte[]>> records,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group) {
    lastFailure = null;
    sent.clear();
    began = nanos.getAsLong();
    try {
      producer().beginTransaction();
      records.forEach(this::send);
      producer().sendOffsetsToTransaction(offsets, group);
    } catch (KafkaException | IllegalStateException e) {
      failed(e);
      abort();
      return Result.ABORTED;
    }
    try {
      producer().commitTransaction();
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
    return requireNonNull(lastFailure, "no transaction has failed");
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
    Future<RecordMetadata> sending = producer().send(record);
    sent.put(record, sending);
    // Without a broker every send waits for metadata: one such wait is enough for an iteration.
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
      return Optional.of(requireNonNull(e.getCause()));
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
      fenced();
    }
  }

  /**
   * The broker fences a producer in two cases: another one has the same id, or this one's
   * transaction took too long and was aborted for it. Only the first is worth a report.
   */
  private void fenced() {
    long now = nanos.getAsLong();
    if (now - began >= transactionTimeout) {
      return;
    }
    fencings.addLast(now);
    while (now - fencings.peekFirst() > FENCING_WINDOW) {
      fencings.removeFirst();
    }
    if (fencings.size() < MAX_FENCINGS) {
      return;
    }
    fencings.clear();
    listener.nameTaken(transactionalId);
    LOGGER
        .atError()
        .addKeyValue("transactionalId", transactionalId)
        .log("Another live worker has the same name; the two fence each other");
  }

  private void abort() {
    try {
      producer().abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      discard();
    }
  }

  private Producer<byte[], byte[]> producer() {
    return requireNonNull(producer, "the producer is not ready");
  }

  private void discard() {
    close(producer);
    producer = null;
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(5));
      producer = null;
    }
  }
}
