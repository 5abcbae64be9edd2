package dev.utter.embedded.kafka;

import dev.utter.embedded.host.DataFolder;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker and controller (KRaft) in this JVM, on loopback ports.
 *
 * <p>{@link #stop()} and {@link #start()} keep the ports and the data. All methods may be called
 * from any thread; they run one at a time. None of the broker's threads outlives {@link #close()}.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private final DataFolder folder;
  private final int port;
  private final KafkaConfig config;
  private @Nullable KafkaRaftServer server;

  private EmbeddedKafka(EmbeddedKafkaSettings settings) {
    folder = DataFolder.open(settings.folder(), "utter-kafka-");
    port = LoopbackPorts.orFree(settings.port());
    int controllerPort = LoopbackPorts.orFree(settings.controllerPort());
    config =
        KafkaConfig.fromProps(
            BrokerProperties.of(port, controllerPort, folder.path(), settings.properties()), false);
  }

  /**
   * Formats the folder if it is new and starts the broker; returns when clients can use it.
   *
   * @throws IllegalStateException if it cannot be started
   */
  public static EmbeddedKafka start(EmbeddedKafkaSettings settings) {
    EmbeddedKafka kafka = new EmbeddedKafka(settings);
    try {
      kafka.start();
    } catch (RuntimeException e) {
      kafka.close();
      throw e;
    }
    return kafka;
  }

  /** Host and port for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Starts a stopped broker on the same ports and data; does nothing if it runs. */
  public synchronized void start() {
    if (server != null) {
      return;
    }
    format(folder.path());
    KafkaRaftServer starting = new KafkaRaftServer(config, Time.SYSTEM);
    try {
      starting.startup();
    } catch (RuntimeException e) {
      starting.shutdown();
      throw new IllegalStateException(
          "the Kafka broker on " + bootstrapServers() + " did not start: " + e.getMessage(), e);
    }
    server = starting;
  }

  /** Shuts the broker down and keeps its data; does nothing if it is stopped. */
  public synchronized void stop() {
    if (server == null) {
      return;
    }
    server.shutdown();
    server.awaitShutdown();
    server = null;
  }

  /** Stops and starts. */
  public synchronized void restart() {
    stop();
    start();
  }

  /** Stops the broker and deletes its data if the folder is temporary. */
  @Override
  public synchronized void close() {
    stop();
    folder.close();
  }

  private static void format(Path folder) {
    if (Files.exists(folder.resolve("meta.properties"))) {
      return;
    }
    try (PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(nowhere)
          .setNodeId(BrokerProperties.NODE_ID)
          .setClusterId(Uuid.randomUuid().toString())
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setControllerListenerName(BrokerProperties.CONTROLLER_LISTENER)
          .setMetadataLogDirectory(folder.toString())
          .setDirectories(new ArrayList<>(List.of(folder.toString())))
          .setIgnoreFormatted(true)
          .run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot format " + folder + " for Kafka", e);
    }
  }
}
