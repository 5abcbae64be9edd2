package dev.utter.worker.settings;

import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of the schema registry client; section {@code registry}.
 *
 * @param url one URL or more, separated by commas, without user and password
 * @param properties further properties, by Confluent's names
 * @param unknownSchemaWait how long a schema that the registry does not know is asked for again,
 *     before its record is a dead letter; 0 to 5 minutes
 */
public record RegistrySettings(
    String url, Map<String, String> properties, Duration unknownSchemaWait) {
  /** Longer than a registry stays behind the one it follows. */
  public static final Duration DEFAULT_UNKNOWN_SCHEMA_WAIT = Duration.ofSeconds(30);

  private static final Duration MAX_UNKNOWN_SCHEMA_WAIT = Duration.ofMinutes(5);
  private static final String URL = "schema.registry.url";

  /** Each gives one schema for all topics, and the worker writes several. */
  private static final List<String> ONE_SCHEMA =
      List.of("use.schema.id", "use.latest.with.metadata");

  /** Checks the URL. */
  public RegistrySettings {
    if (url == null || url.isBlank()) {
      throw new SettingsException("registry.url is missing");
    }
    for (String one : url.split(",")) {
      requirePlain(one.strip());
    }
    if (properties.containsKey(URL)) {
      throw new SettingsException("registry.properties sets " + URL + ", use registry.url");
    }
    for (String one : ONE_SCHEMA) {
      if (properties.containsKey(one)) {
        throw new SettingsException(
            "registry.properties sets " + one + ", must not: the worker writes several schemas");
      }
    }
    if (unknownSchemaWait.isNegative()
        || unknownSchemaWait.compareTo(MAX_UNKNOWN_SCHEMA_WAIT) > 0) {
      throw new SettingsException(
          "registry.unknownSchemaWait is " + unknownSchemaWait + ", must be 0s to 5m");
    }
    properties = Map.copyOf(properties);
  }

  /** The configuration of serializers and clients. */
  public Map<String, String> client() {
    Map<String, String> client = new HashMap<>(properties);
    client.put(URL, url);
    client.put(EventDeserializer.UNKNOWN_SCHEMA_WAIT_MILLIS, "" + unknownSchemaWait.toMillis());
    return Map.copyOf(client);
  }

  static RegistrySettings read(Section section) {
    RegistrySettings settings =
        new RegistrySettings(
            section.requiredText("url"),
            section.properties("properties"),
            section.duration("unknownSchemaWait").orElse(DEFAULT_UNKNOWN_SCHEMA_WAIT));
    section.refuseUnknown();
    return settings;
  }

  private static void requirePlain(String url) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      // The cause would repeat the text, which may hold a password.
      throw new SettingsException("registry.url is no URL");
    }
    if (uri.getRawAuthority() != null && uri.getRawAuthority().contains("@")) {
      throw new SettingsException(
          "registry.url holds a user: set basic.auth.credentials.source: USER_INFO and"
              + " basic.auth.user.info under registry.properties");
    }
    if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
      throw new SettingsException("registry.url is \"" + url + "\", must begin with http or https");
    }
  }

  /** Names what is passed through without its values, which may hold secrets. */
  @Override
  public String toString() {
    return "RegistrySettings[url="
        + url
        + ", properties="
        + properties.keySet()
        + ", unknownSchemaWait="
        + unknownSchemaWait
        + "]";
  }
}
