package dev.utter.producer;

import dev.utter.events.Topics;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
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
 * <p>One thread of its own polls and calls the listeners; the other methods are safe for use by any
 * thread.
 */
public final class ResultFollower implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ResultFollower.class);
  private static final Duration POLL_TIMEOUT = Duration.ofMillis(500);
  private static final List<String> RESULT_TOPICS =
      List.of(Topics.STATUS, Topics.COMPLETED, Topics.FAILED, Topics.VERIFIED);

  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaAvroDeserializer deserializer;
  private final Map<String, Followed> followed = new ConcurrentHashMap<>();
  private final Thread thread;

  /**
   * Opens a follower at the current end of the result topics.
   *
   * @throws IllegalStateException if a result topic does not exist
   */
  public ResultFollower(KafkaAccess access) {
    this.deserializer = new KafkaAvroDeserializer();
    deserializer.configure(access.with(Map.of("specific.avro.reader", true)), false);
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
      seekToEnds();
    } catch (RuntimeException e) {
      consumer.close();
      deserializer.close();
      throw e;
    }
    this.thread = new Thread(this::run, "result-follower");
    thread.setDaemon(true);
    thread.start();
  }

  private void seekToEnds() {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : RESULT_TOPICS) {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      if (found == null || found.isEmpty()) {
        throw new IllegalStateException("topic " + topic + " does not exist");
      }
      found.forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Seeking is lazy: asking for the position fixes it now, before anything is published.
    partitions.forEach(consumer::position);
  }

  /**
   * Follows a request until it is finished. Call this before publishing the request.
   *
   * @param listener called with every change, on the follower's thread
   * @return completes when the request is finished, exceptionally if the follower fails or is
   *     closed first
   */
  public CompletableFuture<RequestProgress> follow(
      String requestId, Consumer<RequestProgress> listener) {
    Followed entry =
        new Followed(RequestProgress.of(requestId), listener, new CompletableFuture<>());
    if (followed.putIfAbsent(requestId, entry) != null) {
      throw new IllegalArgumentException("request " + requestId + " is followed already");
    }
    return entry.finished;
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
    Object event;
    try {
      event = deserializer.deserialize(message.topic(), message.value());
    } catch (SerializationException e) {
      LOGGER
          .atWarn()
          .setCause(e)
          .addKeyValue("topic", message.topic())
          .addKeyValue("partition", message.partition())
          .addKeyValue("offset", message.offset())
          .log("Skipped a result that cannot be read");
      return;
    }
    RequestProgress progress = entry.progress.with(event);
    if (progress.equals(entry.progress)) {
      return;
    }
    entry.progress = progress;
    entry.listener.accept(entry.progress);
    if (entry.progress.isFinished()) {
      followed.remove(message.key());
      entry.finished.complete(entry.progress);
    }
  }

  /** Stops following; what is not finished completes exceptionally. */
  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A followed request; progress is touched by the follower's thread only. */
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
