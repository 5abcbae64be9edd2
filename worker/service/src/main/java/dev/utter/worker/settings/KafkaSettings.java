package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Settings of the Kafka clients; section {@code kafka}. */
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

  /** The settings. */
  static final SettingGroup GROUP = new SettingGroup("kafka", "Kafka");

  private static final Setting<String> BOOTSTRAP_SERVERS =
      GROUP.everyday(
          "bootstrapServers",
          SettingType.text(),
          SettingDefault.required(),
          "host and port of one broker or more, separated by commas");

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  private static final Setting<String> GROUP_PREFIX =
      GROUP.advanced(
          "groupPrefix",
          SettingType.text()
              .must("1 to 100 of A-Z a-z 0-9 . _ -", text -> PREFIX.matcher(text).matches()),
          "utter",
          "start of all group and application ids");

  private static final Setting<Path> STATE_FOLDER =
      GROUP.everyday(
          "stateFolder",
          SettingType.path(),
          SettingDefault.otherwise(
              "`utter` in `$XDG_STATE_HOME` or `~/.local/state`; without a home `utter-state` in"
                  + " the working folder"),
          "state of Kafka Streams, below the worker's name; keep it over restarts. A temporary"
              + " folder is warned of");

  private static final Setting<Long> STATE_CACHE_BYTES =
      GROUP.advanced(
          "stateCacheBytes",
          SettingType.bytes(8L << 20),
          64L << 20,
          "native memory that the state stores of all stages share: blocks and write buffers");

  private static final Setting<Map<String, String>> PROPERTIES =
      GROUP.everyday(
          "properties",
          SettingType.properties(),
          SettingDefault.none(),
          "any property of Kafka's clients: TLS, SASL, OAuth, …");

  private static final Setting<Map<String, String>> CONSUMER =
      GROUP.advanced(
          "consumer",
          SettingType.properties(),
          SettingDefault.none(),
          "further properties of consumers");

  private static final Setting<Map<String, String>> PRODUCER =
      GROUP.advanced(
          "producer",
          SettingType.properties(),
          SettingDefault.none(),
          "further properties of producers");

  private static final Setting<Map<String, String>> STREAMS =
      GROUP.advanced(
          "streams",
          SettingType.properties(),
          SettingDefault.none(),
          "further properties of Kafka Streams, `group.protocol` for example");

  /** Properties that the delivery guarantees depend on. */
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
          "max.poll.records",
          "transactional.id",
          "transaction.timeout.ms",
          "enable.idempotence",
          "acks",
          "default.timestamp.extractor",
          "key.serializer",
          "value.serializer",
          "key.deserializer",
          "value.deserializer");

  /** Checks every value. */
  public KafkaSettings {
    if (bootstrapServers == null || bootstrapServers.isBlank()) {
      throw new SettingsException(BOOTSTRAP_SERVERS + " is missing");
    }
    GROUP_PREFIX.check(groupPrefix);
    requireNonNull(stateFolder, "stateFolder is null");
    STATE_CACHE_BYTES.check(stateCacheBytes);
    properties = checked(PROPERTIES, properties);
    consumer = checked(CONSUMER, consumer);
    producer = checked(PRODUCER, producer);
    streams = checked(STREAMS, streams);
    requireNonNull(createTopics, "createTopics is null");
  }

  /** The defaults for a cluster. */
  public static KafkaSettings defaults(String bootstrapServers) {
    return read(SettingsSource.empty(), bootstrapServers, System.getenv());
  }

  /** The connection and security properties that every client shares. */
  public Map<String, String> client() {
    Map<String, String> client = new HashMap<>(properties);
    client.put("bootstrap.servers", bootstrapServers);
    return Map.copyOf(client);
  }

  static KafkaSettings read(SettingsSource source) {
    return read(source, source.get(BOOTSTRAP_SERVERS), source.environment());
  }

  private static KafkaSettings read(
      SettingsSource source, String bootstrapServers, Map<String, String> environment) {
    return new KafkaSettings(
        bootstrapServers,
        source.get(GROUP_PREFIX),
        source.find(STATE_FOLDER).orElseGet(() -> defaultStateFolder(environment)),
        source.get(STATE_CACHE_BYTES),
        source.find(PROPERTIES).orElse(Map.of()),
        source.find(CONSUMER).orElse(Map.of()),
        source.find(PRODUCER).orElse(Map.of()),
        source.find(STREAMS).orElse(Map.of()),
        source.hasSectionOf(TopicCreation.PARTITIONS)
            ? Optional.of(TopicCreation.read(source))
            : Optional.empty());
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

  private static Map<String, String> checked(
      Setting<Map<String, String>> setting, Map<String, String> properties) {
    List<String> reserved = properties.keySet().stream().filter(RESERVED::contains).toList();
    if (!reserved.isEmpty()) {
      throw new SettingsException(setting + " sets " + reserved + ", which the worker sets itself");
    }
    return Map.copyOf(properties);
  }

  /** Shows only the names of the properties, because their values may hold secrets. */
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
