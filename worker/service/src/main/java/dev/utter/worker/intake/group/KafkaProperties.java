package dev.utter.worker.intake.group;

import dev.utter.worker.intake.IntakeSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The intake's client properties: those of operators, overridden by those that the delivery
 * guarantees need.
 */
public final class KafkaProperties {
  private static final int MAX_REQUEST_BYTES = 16 << 20;

  private KafkaProperties() {}

  public static Map<String, Object> consumer(IntakeSettings settings, GroupProtocol protocol) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol.name());
    if (protocol == GroupProtocol.CONSUMER) {
      // Assigns each lane separately; the default balances the sum over all lanes.
      properties.put(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG, "range");
    } else {
      // Partitions that stay must not be revoked, or every rebalance would cancel running work.
      // The second is for groups with members that do not have the first.
      properties.put(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          List.of(LaneAssignor.class.getName(), CooperativeStickyAssignor.class.getName()));
    }
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.transactionalId());
    properties.putAll(settings.kafka());
    properties.putAll(settings.consumer());
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, settings.groupId());
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, settings.pollRecords());
    properties.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    properties.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return properties;
  }

  static Map<String, Object> admin(IntakeSettings settings) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, settings.transactionalId());
    properties.putAll(settings.kafka());
    // The client requires that one request takes no longer than all its retries.
    int request = (int) settings.brokerTimeout().toMillis();
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, request);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * request);
    return properties;
  }

  public static Map<String, Object> producer(IntakeSettings settings) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, settings.transactionalId());
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, settings.brokerTimeout().toMillis());
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // Only the broker limits the size of records: a limit of the client could refuse dead letters.
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    properties.putAll(settings.kafka());
    properties.putAll(settings.producer());
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.transactionalId());
    properties.put(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) settings.transactionTimeout().toMillis());
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    properties.put(
        ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    return properties;
  }
}
