package dev.utter.producer.client;

import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows requests by id over the result topics. It reads committed records only, so it sees each
 * outcome once, and belongs to no consumer group: every follower sees every result published after
 * it was opened. A service that must not miss results while it is down uses a group instead.
 *
 * <p>A thread of the follower polls and calls the listeners. All methods may be called from any
 * thread.
 */
public final class ResultFollower implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ResultFollower.class);
  private static final Duration POLL_TIMEOUT = Duration.ofMillis(500);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration REGISTRY_PAUSE = Duration.ofSeconds(1);

  /** How many times the follower asks for a schema that the registry answers it does not have. */
  private static final int UNKNOWN_SCHEMA_TRIES = 30;

  private static final int MAX_FOLLOWED = 100_000;

  /** Schema of the events of each topic. */
  static final Map<String, Schema> RESULT_TOPICS =
      Map.of(
          Topics.STATUS, RequestStatus.getClassSchema(),
          Topics.COMPLETED, SynthesisCompleted.getClassSchema(),
          Topics.FAILED, SynthesisFailed.getClassSchema(),
          Topics.VERIFIED, WatermarkVerified.getClassSchema());

  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaAvroDeserializer deserializer;
  private final Map<String, Followed> followed = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /**
   * Opens a follower at the current end of the result topics; waits a minute for the brokers.
   *
   * @throws IllegalStateException if a result topic does not exist
   * @throws UncheckedIOException if the brokers do not answer
   */
  public ResultFollower(KafkaAccess access) {
    this(access, CONNECT_TIMEOUT);
  }

  /**
   * Opens a follower at the current end of the result topics.
   *
   * @param connectTimeout how long to wait for the brokers
   * @throws IllegalStateException if a result topic does not exist
   * @throws UncheckedIOException if the brokers do not answer
   */
  public ResultFollower(KafkaAccess access, Duration connectTimeout) {
    this.deserializer = deserializer(access);
    this.consumer =
        new KafkaConsumer<>(
            access.with(
                Map.of(
                    "key.deserializer",
                    StringDeserializer.class,
                    "value.deserializer",
                    ByteArrayDeserializer.class,
                    "isolation.level",
                    "read_committed",
                    "enable.auto.commit",
                    false)));
    try {
      seekToEnds(System.nanoTime() + connectTimeout.toNanos());
    } catch (RuntimeException e) {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
      deserializer.close();
      if (e instanceof TimeoutException) {
        throw new UncheckedIOException(
            new IOException(
                "Kafka at "
                    + access.bootstrapServers()
                    + " does not answer within "
                    + connectTimeout.toSeconds()
                    + " s",
                e));
      }
      throw e;
    }
    this.thread = new Thread(this::run, "result-follower");
    thread.setDaemon(true);
    thread.start();
  }

  /** Reads events into their classes. */
  static KafkaAvroDeserializer deserializer(KafkaAccess access) {
    KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();
    deserializer.configure(access.with(Map.of("specific.avro.reader", true)), false);
    return deserializer;
  }

  private void seekToEnds(long deadlineNanos) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : RESULT_TOPICS.keySet()) {
      List<PartitionInfo> found = consumer.partitionsFor(topic, until(deadlineNanos));
      if (found == null || found.isEmpty()) {
        throw new IllegalStateException("topic " + topic + " does not exist");
      }
      found.forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Seeking is lazy. Asking for the position fixes it now, before a request is published.
    partitions.forEach(partition -> consumer.position(partition, until(deadlineNanos)));
  }

  private static Duration until(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  /**
   * Follows a request until it is finished. Call this before publishing the request.
   *
   * @param listener called with every change, on the follower's thread
   * @return completes when the request is finished, exceptionally if the follower fails or is
   *     closed first
   * @throws IllegalArgumentException if the request is followed already
   * @throws IllegalStateException if 100,000 unfinished requests are followed already
   */
  public CompletableFuture<RequestProgress> follow(
      String requestId, Consumer<RequestProgress> listener) {
    Followed entry =
        new Followed(RequestProgress.of(requestId), listener, new CompletableFuture<>());
    if (followed.size() >= MAX_FOLLOWED) {
      throw new IllegalStateException(MAX_FOLLOWED + " requests are followed already");
    }
    if (followed.putIfAbsent(requestId, entry) != null) {
      throw new IllegalArgumentException("request " + requestId + " is followed already");
    }
    return entry.finished;
  }

  /** Stops following a request. Its result completes exceptionally, if it was followed. */
  public void unfollow(String requestId) {
    Followed entry = followed.remove(requestId);
    if (entry != null) {
      entry.finished.completeExceptionally(
          new IllegalStateException("request " + requestId + " is followed no longer"));
    }
  }

  private void run() {
    RuntimeException end = new IllegalStateException("the follower was closed");
    try {
      while (true) {
        consumer.poll(POLL_TIMEOUT).forEach(this::take);
      }
    } catch (WakeupException closing) {
      LOGGER.atDebug().log("Follower closed");
    } catch (RuntimeException e) {
      LOGGER.atError().setCause(e).log("Following results failed");
      end = e;
    } finally {
      consumer.close();
      deserializer.close();
    }
    for (Followed entry : followed.values()) {
      entry.finished.completeExceptionally(end);
    }
  }

  private void take(ConsumerRecord<String, byte[]> message) {
    Followed entry = message.key() == null ? null : followed.get(message.key());
    if (entry == null || message.value() == null) {
      return;
    }
    Optional<Object> event = read(message);
    if (event.isEmpty()) {
      return;
    }
    RequestProgress progress = entry.progress.with(event.get());
    if (progress.equals(entry.progress)) {
      return;
    }
    entry.progress = progress;
    notifyListener(entry);
    if (entry.progress.isFinished()) {
      followed.remove(message.key());
      entry.finished.complete(entry.progress);
    }
  }

  private static void notifyListener(Followed entry) {
    try {
      entry.listener.accept(entry.progress);
    } catch (RuntimeException e) {
      LOGGER
          .atWarn()
          .setCause(e)
          .addKeyValue("requestId", entry.progress.requestId())
          .log("A listener failed");
    }
  }

  /**
   * Waits until the registry has given the event's schema; empty if the event can never be read.
   */
  private Optional<Object> read(ConsumerRecord<String, byte[]> message) {
    for (int tries = 1; ; tries++) {
      try {
        return Optional.ofNullable(
            deserializer.deserialize(
                message.topic(), message.value(), RESULT_TOPICS.get(message.topic())));
      } catch (RuntimeException e) {
        boolean later =
            RegistryAnswers.isAway(e)
                || (RegistryAnswers.isRefusal(e) && tries < UNKNOWN_SCHEMA_TRIES);
        LOGGER
            .atWarn()
            .setCause(e)
            .addKeyValue("topic", message.topic())
            .addKeyValue("partition", message.partition())
            .addKeyValue("offset", message.offset())
            .log(later ? "A result waits for the registry" : "Skipped an unreadable result");
        if (!later) {
          return Optional.empty();
        }
        pause();
      }
    }
  }

  private void pause() {
    try {
      if (closing.await(REGISTRY_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new WakeupException();
      }
    } catch (InterruptedException e) {
      throw new WakeupException();
    }
  }

  /** Stops following; the results of unfinished requests complete exceptionally. */
  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A followed request. Only the follower's thread reads and writes the progress. */
  private static final class Followed {
    private RequestProgress progress;
    private final Consumer<RequestProgress> listener;
    private final CompletableFuture<RequestProgress> finished;

    private Followed(
        RequestProgress progress,
        Consumer<RequestProgress> listener,
        CompletableFuture<RequestProgress> finished) {
      this.progress = progress;
      this.listener = listener;
      this.finished = finished;
    }
  }
}
