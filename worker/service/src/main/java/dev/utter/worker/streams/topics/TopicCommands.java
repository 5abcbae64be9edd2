package dev.utter.worker.streams.topics;

import dev.utter.events.TopicSpec;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Commands of Kafka's tools that correct a topic.
 *
 * @param servers address of the brokers
 */
record TopicCommands(String servers) {

  /** The command that creates a topic. */
  String create(TopicSpec spec, int partitions, OptionalInt replication, Duration idsRemembered) {
    StringBuilder command =
        new StringBuilder("kafka-topics --bootstrap-server ")
            .append(servers)
            .append(" --create --topic ")
            .append(spec.name())
            .append(" --partitions ")
            .append(partitions);
    replication.ifPresent(replicas -> command.append(" --replication-factor ").append(replicas));
    new TreeMap<>(spec.limitedProperties(idsRemembered))
        .forEach((name, value) -> command.append(" --config ").append(name + "=" + value));
    return command.toString();
  }

  /** The command that raises the number of partitions of a topic. */
  String addPartitions(String topic, int partitions) {
    return "kafka-topics --bootstrap-server %s --alter --topic %s --partitions %d"
        .formatted(servers, topic, partitions);
  }

  /** The command that sets a property of a topic. */
  String set(String topic, String property, String wanted) {
    return ("kafka-configs --bootstrap-server %s --alter --entity-type topics --entity-name %s"
            + " --add-config %s=%s")
        .formatted(servers, topic, property, wanted);
  }
}
