package dev.utter.worker.streams;

import dev.utter.worker.streams.commit.CommitTime;
import dev.utter.worker.streams.commit.PolledBatch;
import dev.utter.worker.streams.store.StateMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The configuration of a stage's Kafka Streams client: those of operators, overridden by those that
 * the delivery guarantees need.
 *
 * <p>Groups are classic, with static members. A member that is killed and comes back under its name
 * takes its partitions up again without a rebalance; under another name the group waits until the
 * dead member's session ends. The {@code streams} protocol has no such wait, but Kafka 4.3.1 loses
 * records with it: when a task is found corrupted while it is revoked, the consumer's position is
 * not reset and is committed.
 */
public final class StreamsProperties {
  /**
   * Max sum of the pauses of retries in place; with the work itself it stays below the transaction
   * timeout.
   */
  public static final Duration RETRY_ON_THE_SPOT = Duration.ofSeconds(20);

  private static final int TRANSACTION_TIMEOUT_MILLIS = 60_000;

  /** With Kafka's default a group would wait 45 s for a dead member. */
  private static final int SESSION_TIMEOUT_MILLIS = 10_000;

  private static final int SELDOM_MILLIS = 250;
  private static final int ENOUGH_BYTES = 1 << 20;
  private static final int MAX_REQUEST_BYTES = 8 << 20;

  /** A stage's group is always one of Kafka Streams' own kinds. */
  private static final Set<String> GROUP_PROPERTIES =
      Set.of(
          ConsumerConfig.GROUP_PROTOCOL_CONFIG,
          ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG,
          ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG);

  /** What only classic groups have: in the others the broker decides. */
  private static final Set<String> CLASSIC_PROPERTIES =
      Set.of(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG);

  private static final String STREAMS_PROTOCOL = "streams";

  private StreamsProperties() {}

  /**
   * Properties of one stage.
   *
   * @param applicationId group and name of the internal topics; the same for all workers
   * @param member name of this worker in the group, the same after a restart
   * @param stateCacheBytes memory of all state stores of the process together, see {@link
   *     StateMemory}
   * @param polls how many records it takes at once, and how long they may take
   * @param commits when to commit
   * @param client properties of every client, {@code bootstrap.servers} among them
   * @param consumer further ones of consumers
   * @param producer further ones of producers
   * @param streams further ones of Kafka Streams
   */
  public static Properties of(
      String applicationId,
      String member,
      Path stateFolder,
      long stateCacheBytes,
      Polls polls,
      CommitTime commits,
      Map<String, String> client,
      Map<String, String> consumer,
      Map<String, String> producer,
      Map<String, String> streams) {
    boolean classic =
        !STREAMS_PROTOCOL.equalsIgnoreCase(streams.get(StreamsConfig.GROUP_PROTOCOL_CONFIG));
    Properties properties = new Properties();
    if (classic) {
      properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MILLIS);
      properties.put(
          StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), member);
    }
    properties.putAll(client);
    if (!classic) {
      CLASSIC_PROPERTIES.forEach(properties::remove);
    }
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG),
        Math.toIntExact(polls.interval().toMillis()));
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        TRANSACTION_TIMEOUT_MILLIS);
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MAX_REQUEST_BYTES);
    if (commits == CommitTime.SELDOM) {
      properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, SELDOM_MILLIS);
      properties.put(
          StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), SELDOM_MILLIS);
      properties.put(
          StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), ENOUGH_BYTES);
    }
    consumer.forEach(
        (key, value) -> {
          if (!GROUP_PROPERTIES.contains(key) && (classic || !CLASSIC_PROPERTIES.contains(key))) {
            properties.put(StreamsConfig.consumerPrefix(key), value);
          }
        });
    producer.forEach((key, value) -> properties.put(StreamsConfig.producerPrefix(key), value));
    properties.putAll(streams);
    properties.putIfAbsent(
        StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StateMemory.class.getName());
    properties.put(StateMemory.BYTES, Long.toString(stateCacheBytes));

    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    // Otherwise a number that is drawn at random stands in the metrics' labels.
    properties.putIfAbsent(StreamsConfig.CLIENT_ID_CONFIG, applicationId + "-" + member);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(
        StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, LenientTimestamps.class.getName());
    properties.put(
        StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArray().getClass().getName());
    properties.put(
        StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArray().getClass().getName());
    properties.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), polls.records());
    properties.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    if (commits == CommitTime.AFTER_EACH_POLL) {
      properties.merge(
          StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG),
          PolledBatch.class.getName(),
          (given, ours) -> given + "," + ours);
    }
    return properties;
  }
}
