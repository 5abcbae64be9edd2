package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Settings of the Kafka clients; section {@code kafka}.
 *
 * @param bootstrapServers host and port of one broker or more, separated by commas
 * @param groupPrefix start of all group and application ids; default utter
 * @param stateFolder where Kafka Streams keeps its state, below the worker's name; default {@code
 *     utter} below {@code XDG_STATE_HOME} or {@code ~/.local/state}, or {@code utter-state} in the
 *     working folder where there is no home
 * @param stateCacheBytes native memory that the state stores of all stages share: blocks and write
 *     buffers; default 64 MiB
 * @param properties properties of every client: security, timeouts
 * @param consumer further properties of consumers
 * @param producer further properties of producers
 * @param streams further properties of Kafka Streams, {@code group.protocol} for example
 * @param createTopics how missing topics are created; empty makes them an error
 */
public record KafkaSettings(
    String bootstrapServers,
    String groupPrefix,
    Path stateFolder,
    long stateCacheBytes,
    Map<String, String> properties,
    Map<String, String> consumer,
    Map<String, String> producer,
    Map<String, String> streams,
    Optional<TopicCreation> createTopics) {

  /** Default of {@code groupPrefix}. */
  public static final String DEFAULT_GROUP_PREFIX = "utter";

  /** Default of {@code stateCacheBytes}. */
  public static final long DEFAULT_STATE_CACHE_BYTES = 64L << 20;

  private static final long MIN_STATE_CACHE_BYTES = 8L << 20;

  /** What the delivery guarantees depend on. */
  private static final Set<String> RESERVED =
      Set.of(
          "bootstrap.servers",
          "application.id",
          "processing.guarantee",
          "state.dir",
          "group.id",
          "enable.auto.commit",
          "isolation.level",
          "auto.offset.reset",
          "transactional.id",
          "enable.idempotence",
          "acks",
          "default.timestamp.extractor",
          "key.serializer",
          "value.serializer",
          "key.deserializer",
          "value.deserializer");

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  /** Checks every value. */
  public KafkaSettings {
    if (bootstrapServers == null || bootstrapServers.isBlank()) {
      throw new SettingsException("kafka.bootstrapServers is missing");
    }
    if (groupPrefix == null || !PREFIX.matcher(groupPrefix).matches()) {
      throw new SettingsException(
          "kafka.groupPrefix is \"" + groupPrefix + "\", must be 1 to 100 of A-Z a-z 0-9 . _ -");
    }
    requireNonNull(stateFolder, "stateFolder is null");
    if (stateCacheBytes < MIN_STATE_CACHE_BYTES) {
      throw new SettingsException(
          "kafka.stateCacheBytes is "
              + stateCacheBytes
              + ", must be "
              + MIN_STATE_CACHE_BYTES
              + " or more");
    }
    properties = checked("properties", properties);
    consumer = checked("consumer", consumer);
    producer = checked("producer", producer);
    streams = checked("streams", streams);
    requireNonNull(createTopics, "createTopics is null");
  }

  /** The defaults for a cluster. */
  public static KafkaSettings defaults(String bootstrapServers) {
    return new KafkaSettings(
        bootstrapServers,
        DEFAULT_GROUP_PREFIX,
        defaultStateFolder(System.getenv()),
        DEFAULT_STATE_CACHE_BYTES,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Optional.empty());
  }

  /** The connection and security properties that every client shares. */
  public Map<String, String> client() {
    Map<String, String> client = new HashMap<>(properties);
    client.put("bootstrap.servers", bootstrapServers);
    return Map.copyOf(client);
  }

  static KafkaSettings read(Section section, Map<String, String> environment) {
    KafkaSettings settings =
        new KafkaSettings(
            section.requiredText("bootstrapServers"),
            section.text("groupPrefix").orElse(DEFAULT_GROUP_PREFIX),
            section
                .text("stateFolder")
                .map(Path::of)
                .orElseGet(() -> defaultStateFolder(environment)),
            section.longInteger("stateCacheBytes").orElse(DEFAULT_STATE_CACHE_BYTES),
            section.properties("properties"),
            section.properties("consumer"),
            section.properties("producer"),
            section.properties("streams"),
            section.has("createTopics", "partitions")
                ? Optional.of(TopicCreation.read(section.section("createTopics")))
                : Optional.empty());
    section.refuseUnknown();
    return settings;
  }

  /** Not below the temporary folder: that is open to everybody, and cleaned while it is in use. */
  private static Path defaultStateFolder(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("XDG_STATE_HOME"))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, "utter"))
        .or(() -> home().map(home -> home.resolve(".local/state/utter")))
        .orElse(Path.of("utter-state"));
  }

  /** Users without a home have {@code ?} or {@code /nonexistent} there. */
  private static Optional<Path> home() {
    return Optional.of(Path.of(System.getProperty("user.home", ""))).filter(Files::isWritable);
  }

  private static Map<String, String> checked(String name, Map<String, String> properties) {
    List<String> reserved = properties.keySet().stream().filter(RESERVED::contains).toList();
    if (!reserved.isEmpty()) {
      throw new SettingsException(
          "kafka." + name + " sets " + reserved + ", which the worker sets itself");
    }
    return Map.copyOf(properties);
  }

  /** Names what is passed through without its values, which may hold secrets. */
  @Override
  public String toString() {
    return "KafkaSettings[bootstrapServers=%s, groupPrefix=%s, stateFolder=%s, stateCacheBytes=%d, properties=%s, consumer=%s, producer=%s, streams=%s, createTopics=%s]"
        .formatted(
            bootstrapServers,
            groupPrefix,
            stateFolder,
            stateCacheBytes,
            properties.keySet(),
            consumer.keySet(),
            producer.keySet(),
            streams.keySet(),
            createTopics);
  }
}
