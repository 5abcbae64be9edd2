package dev.utter.worker.settings;

import dev.utter.worker.avro.RegistrySettings;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which connections may go to other hosts in clear text; section {@code allowClearText}. Data on
 * such a connection, including passwords and recordings, can be read and changed, so each one has
 * to be allowed. Connections to the loopback interface are always allowed.
 */
record ClearTextSettings(boolean kafka, boolean registry, boolean storage) {
  /** The settings. */
  static final SettingGroup GROUP = new SettingGroup("allowClearText", "Connections without TLS");

  private static final String RULE = " without TLS; refused at start otherwise, but for loopback";

  private static final Setting<Boolean> KAFKA =
      GROUP.advanced(
          "kafka",
          SettingType.flag(),
          false,
          "lets connections go to brokers of other hosts" + RULE);

  private static final Setting<Boolean> REGISTRY =
      GROUP.advanced(
          "registry",
          SettingType.flag(),
          false,
          "lets connections go to registries of other hosts" + RULE);

  private static final Setting<Boolean> STORAGE =
      GROUP.advanced(
          "storage",
          SettingType.flag(),
          false,
          "lets connections go to a store of another host" + RULE);

  /** Nothing is allowed. */
  static final ClearTextSettings NONE = new ClearTextSettings(false, false, false);

  private static final String PROTOCOL = "security.protocol";

  static ClearTextSettings read(SettingsSource source) {
    return new ClearTextSettings(source.get(KAFKA), source.get(REGISTRY), source.get(STORAGE));
  }

  /**
   * Refuses brokers of other hosts over a protocol without TLS.
   *
   * @throws SettingsException with the remedy
   */
  void check(KafkaSettings settings) {
    if (kafka) {
      return;
    }
    if (isClear(settings)) {
      foreignBroker(settings.bootstrapServers())
          .ifPresent(
              broker -> {
                throw refusal(
                    "kafka.bootstrapServers has " + broker,
                    "set kafka.properties: {security.protocol: SSL} or SASL_SSL",
                    KAFKA);
              });
    }
    urls(settings.properties())
        .findFirst()
        .ifPresent(
            entry -> {
              throw refusal("kafka.properties has " + entry + " with http", "use https", KAFKA);
            });
  }

  /**
   * Refuses registries of other hosts without TLS.
   *
   * @throws SettingsException with the remedy
   */
  void check(RegistrySettings settings) {
    if (registry) {
      return;
    }
    for (String url : settings.url().split(",")) {
      if (isForeignHttp(url.strip())) {
        throw refusal("registry.url has " + url.strip(), "use https", REGISTRY);
      }
    }
    urls(settings.properties())
        .findFirst()
        .ifPresent(
            entry -> {
              throw refusal(
                  "registry.properties has " + entry + " with http", "use https", REGISTRY);
            });
  }

  /**
   * Refuses a store of another host without TLS.
   *
   * @throws SettingsException with the remedy
   */
  void check(URI endpoint) {
    if (!storage && isForeignHttp(endpoint.toString())) {
      throw refusal("storage.endpoint is " + endpoint, "use https", STORAGE);
    }
  }

  private static SettingsException refusal(
      String what, String remedy, Setting<Boolean> permission) {
    return new SettingsException(
        what
            + ", to which everything would go in clear text: "
            + remedy
            + ", or "
            + permission
            + ": true where nobody else can reach the network between");
  }

  /** Whether any of the clients talks to the brokers without TLS. */
  private static boolean isClear(KafkaSettings settings) {
    List<String> protocols = new ArrayList<>();
    protocols.add(settings.properties().getOrDefault(PROTOCOL, "PLAINTEXT"));
    Stream.of(settings.consumer(), settings.producer(), settings.streams())
        .flatMap(properties -> properties.entrySet().stream())
        // Kafka Streams takes the name with the client's name in front.
        .filter(property -> property.getKey().endsWith(PROTOCOL))
        .forEach(property -> protocols.add(property.getValue()));
    return protocols.stream()
        .map(protocol -> protocol.strip().toUpperCase(Locale.ROOT))
        .anyMatch(protocol -> !protocol.equals("SSL") && !protocol.equals("SASL_SSL"));
  }

  private static Optional<String> foreignBroker(String bootstrapServers) {
    return Stream.of(bootstrapServers.split(","))
        .map(String::strip)
        .filter(broker -> !broker.isEmpty())
        .filter(broker -> !isLoopback(broker.replaceFirst(":\\d+$", "")))
        .findFirst();
  }

  /**
   * Names of properties with http URLs of other hosts, such as an OAuth server's, to which
   * credentials go.
   */
  private static Stream<String> urls(Map<String, String> properties) {
    return properties.entrySet().stream()
        .filter(property -> isForeignHttp(property.getValue().strip()))
        .map(Map.Entry::getKey)
        .sorted();
  }

  private static boolean isForeignHttp(String url) {
    if (!url.regionMatches(true, 0, "http://", 0, 7)) {
      return false;
    }
    try {
      String host = URI.create(url).getHost();
      return host == null || !isLoopback(host);
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  /** Decides by the text alone: the answer of a name server can change. */
  private static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || name.matches("127(\\.\\d{1,3}){3}")
        || name.equals("::1")
        || name.equals("[::1]");
  }
}
