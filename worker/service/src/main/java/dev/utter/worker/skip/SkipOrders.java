package dev.utter.worker.skip;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.failure.RetryLaterException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The orders of operators to skip records. Every worker reads all of them, on a thread named {@code
 * utter-skips}, before its first work and as long as it runs: a record that ends the process is
 * skipped before work on it begins. All orders are in one partition. An order is known as long as
 * its topic keeps it, and up to an hour longer.
 *
 * <p>Threading: start and close from one thread at a time; the rest from any.
 */
public final class SkipOrders implements AutoCloseable {
  /** The partition of the orders. */
  public static final int PARTITION = 0;

  private static final Logger LOGGER = LoggerFactory.getLogger(SkipOrders.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(3);

  private static final Duration FORGET_EVERY = Duration.ofHours(1);

  private record Place(SkippingStage stage, RecordPosition position) {}

  /**
   * An order that is known.
   *
   * @param offset of its record
   */
  private record Known(SkipOrder order, long offset) {}

  private final Map<Place, Known> orders = new ConcurrentHashMap<>();
  private final Map<String, Object> properties;
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final Duration forgetEvery;
  private final Thread thread = new Thread(this::run, "utter-skips");
  private volatile String trouble = "no answer yet";
  private volatile boolean closed;
  private boolean started;

  /**
   * No orders are read yet.
   *
   * @param kafka properties of the client
   */
  public SkipOrders(Map<String, String> kafka) {
    this(kafka, FORGET_EVERY);
  }

  /**
   * @param forgetEvery how often to forget the orders that the topic no longer has
   */
  SkipOrders(Map<String, String> kafka, Duration forgetEvery) {
    this.forgetEvery = requireNonNull(forgetEvery, "forgetEvery is null");
    properties = new HashMap<>(kafka);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("allow.auto.create.topics", "false");
    properties.put("default.api.timeout.ms", "15000");
  }

  /**
   * Returns when all orders that were there at the first call have been read. The first call starts
   * the reading.
   *
   * @throws RetryLaterException if they are not read in time
   */
  public void awaitRead() {
    if (!started) {
      started = true;
      thread.setDaemon(true);
      thread.start();
    }
    try {
      caughtUp.get(FIRST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new RetryLaterException(Topics.SKIPS + " is not read: " + trouble, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RetryLaterException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("never completed exceptionally", e);
    }
  }

  /** The records that a stage is to skip. */
  public Skips of(SkippingStage stage) {
    return (position, key, value) -> note(new Place(stage, position), key, value);
  }

  private Optional<String> note(Place place, byte @Nullable [] key, byte @Nullable [] value) {
    if (orders.isEmpty()) {
      return Optional.empty();
    }
    return Optional.ofNullable(orders.get(place))
        .map(Known::order)
        .filter(order -> order.digest().equals(SkipOrder.digest(key, value)))
        .map(SkipOrder::note);
  }

  private void run() {
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        read(consumer);
      } catch (InterruptException e) {
        return;
      } catch (RuntimeException e) {
        trouble = e.toString();
        LOGGER.atWarn().setCause(e).log("Orders to skip records cannot be read, trying again");
        pause();
      }
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    TopicPartition partition = new TopicPartition(Topics.SKIPS, PARTITION);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long end = requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
    long forgotAt = System.nanoTime();
    while (!closed) {
      if (System.nanoTime() - forgotAt >= forgetEvery.toNanos()) {
        forgetDeleted(consumer, partition);
        forgotAt = System.nanoTime();
      }
      consumer.poll(caughtUp.isDone() ? POLL : Duration.ofMillis(50)).forEach(this::add);
      if (!caughtUp.isDone() && consumer.position(partition) >= end) {
        caughtUp.complete(null);
      }
    }
  }

  private void forgetDeleted(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
    long begin = requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
    if (orders.values().removeIf(known -> known.offset() < begin)) {
      LOGGER.atInfo().addKeyValue("begin", begin).log("Orders that the topic no longer has end");
    }
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    Optional<SkipOrder> order = SkipOrder.decode(record.value());
    if (order.isEmpty()) {
      LOGGER.atWarn().addKeyValue("offset", record.offset()).log("Order to skip is not readable");
      return;
    }
    SkipOrder known = order.get();
    orders.put(new Place(known.stage(), known.position()), new Known(known, record.offset()));
    LOGGER
        .atInfo()
        .addKeyValue("stage", known.stage().label())
        .addKeyValue("position", known.position())
        .log("Order to skip a record read");
  }

  private void pause() {
    synchronized (caughtUp) {
      try {
        if (!closed) {
          caughtUp.wait(PAUSE.toMillis());
        }
      } catch (InterruptedException e) {
        closed = true;
      }
    }
  }

  /** Ends the reading, which takes as long as a poll; interrupts one that takes longer. */
  @Override
  public void close() {
    closed = true;
    synchronized (caughtUp) {
      caughtUp.notifyAll();
    }
    try {
      thread.join(2 * POLL.toMillis());
      thread.interrupt();
      thread.join(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
