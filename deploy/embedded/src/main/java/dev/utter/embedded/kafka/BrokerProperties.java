package dev.utter.embedded.kafka;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The properties of a broker and controller in one process, small and quick to join. */
final class BrokerProperties {
  static final int NODE_ID = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";
  private static final String CLIENT_LISTENER = "PLAINTEXT";

  /** A single node cannot hold more than one replica. */
  private static final Map<String, String> ONE_NODE =
      Map.of(
          "offsets.topic.replication.factor", "1",
          "offsets.topic.num.partitions", "1",
          "transaction.state.log.replication.factor", "1",
          "transaction.state.log.min.isr", "1",
          "transaction.state.log.num.partitions", "1",
          "share.coordinator.state.topic.replication.factor", "1",
          "share.coordinator.state.topic.min.isr", "1",
          "share.coordinator.state.topic.num.partitions", "1",
          "auto.create.topics.enable", "false");

  /** The defaults are sized for a dedicated machine. */
  private static final Map<String, String> SMALL =
      Map.of(
          "log.cleaner.dedupe.buffer.size", "2097152",
          "log.index.size.max.bytes", "1048576",
          "num.network.threads", "2",
          "num.io.threads", "4",
          "background.threads", "2");

  /**
   * With the defaults, the first join of a group takes seconds, the session of a dead member lasts
   * 45 s, and a killed broker waits 9 s at its start until its former session has ended. The
   * broker's session must still be long enough for a busy machine. A broker that loses its session
   * while it starts is elected twice. Kafka 4.3 then loads the groups twice at the same time into
   * one state, which loses offsets.
   */
  private static final Map<String, String> QUICK =
      Map.ofEntries(
          Map.entry("group.initial.rebalance.delay.ms", "0"),
          Map.entry("group.min.session.timeout.ms", "1000"),
          Map.entry("group.consumer.min.heartbeat.interval.ms", "100"),
          Map.entry("group.consumer.heartbeat.interval.ms", "500"),
          Map.entry("group.consumer.min.session.timeout.ms", "1000"),
          Map.entry("group.consumer.session.timeout.ms", "6000"),
          Map.entry("group.consumer.assignment.interval.ms", "0"),
          Map.entry("group.streams.min.heartbeat.interval.ms", "100"),
          Map.entry("group.streams.heartbeat.interval.ms", "500"),
          Map.entry("group.streams.min.session.timeout.ms", "1000"),
          Map.entry("group.streams.session.timeout.ms", "6000"),
          Map.entry("group.streams.assignment.interval.ms", "0"),
          Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
          Map.entry("group.share.min.heartbeat.interval.ms", "100"),
          Map.entry("group.share.heartbeat.interval.ms", "500"),
          Map.entry("group.share.assignment.interval.ms", "0"),
          Map.entry("group.share.min.record.lock.duration.ms", "1000"),
          Map.entry("group.share.initialize.retry.interval.ms", "1000"),
          Map.entry("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
          Map.entry("broker.session.timeout.ms", "4000"),
          Map.entry("broker.heartbeat.interval.ms", "250"));

  private BrokerProperties() {}

  static Properties of(int port, int controllerPort, Path folder, Map<String, String> overrides) {
    String listeners =
        "%s://127.0.0.1:%d,%s://127.0.0.1:%d"
            .formatted(CLIENT_LISTENER, port, CONTROLLER_LISTENER, controllerPort);
    Properties properties = new Properties();
    properties.setProperty("process.roles", "broker,controller");
    properties.setProperty("node.id", Integer.toString(NODE_ID));
    properties.setProperty("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    properties.setProperty("listeners", listeners);
    properties.setProperty("advertised.listeners", listeners);
    properties.setProperty(
        "listener.security.protocol.map",
        CLIENT_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
    properties.setProperty("controller.listener.names", CONTROLLER_LISTENER);
    properties.setProperty("inter.broker.listener.name", CLIENT_LISTENER);
    properties.setProperty("log.dirs", folder.toString());
    ONE_NODE.forEach(properties::setProperty);
    SMALL.forEach(properties::setProperty);
    QUICK.forEach(properties::setProperty);
    overrides.forEach(properties::setProperty);
    return properties;
  }
}
