package dev.utter.worker.avro;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings of the schema registry client; section {@code registry}. */
public record RegistrySettings(
    String url, Map<String, String> properties, Duration unknownSchemaWait) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("registry", "Schema registry");

  private static final Setting<String> URLS =
      GROUP.everyday(
          "url",
          SettingType.text(),
          SettingDefault.required(),
          "one URL or more, separated by commas, without user and password");

  private static final Setting<Map<String, String>> PROPERTIES =
      GROUP.everyday(
          "properties",
          SettingType.properties(),
          SettingDefault.none(),
          "any property of Confluent's client: credentials, TLS");

  /** The default is longer than a follower registry lags behind its leader. */
  private static final Setting<Duration> UNKNOWN_SCHEMA_WAIT =
      GROUP.advanced(
          "unknownSchemaWait",
          SettingType.duration(Duration.ZERO, Duration.ofMinutes(5)),
          Duration.ofSeconds(30),
          "how long a schema that the registry does not know is asked for again before its record"
              + " is a dead letter");

  private static final String URL = "schema.registry.url";

  /** Properties that select one schema for all topics; the worker writes several schemas. */
  private static final List<String> ONE_SCHEMA =
      List.of("use.schema.id", "use.latest.with.metadata");

  /** Checks the URL. */
  public RegistrySettings {
    if (url == null || url.isBlank()) {
      throw new SettingsException(URLS + " is missing");
    }
    for (String one : url.split(",")) {
      requirePlain(one.strip());
    }
    if (properties.containsKey(URL)) {
      throw new SettingsException(PROPERTIES + " sets " + URL + ", use " + URLS);
    }
    for (String one : ONE_SCHEMA) {
      if (properties.containsKey(one)) {
        throw new SettingsException(
            PROPERTIES + " sets " + one + ", must not: the worker writes several schemas");
      }
    }
    UNKNOWN_SCHEMA_WAIT.check(unknownSchemaWait);
    properties = Map.copyOf(properties);
  }

  /** The configuration of serializers and clients. */
  public Map<String, String> client() {
    Map<String, String> client = new HashMap<>(properties);
    client.put(URL, url);
    client.put(EventDeserializer.UNKNOWN_SCHEMA_WAIT_MILLIS, "" + unknownSchemaWait.toMillis());
    return Map.copyOf(client);
  }

  /** Reads the settings. */
  public static RegistrySettings read(SettingsSource source) {
    return new RegistrySettings(
        source.get(URLS),
        source.find(PROPERTIES).orElse(Map.of()),
        source.get(UNKNOWN_SCHEMA_WAIT));
  }

  private static void requirePlain(String url) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      // The cause would repeat the text, which may hold a password.
      throw new SettingsException(URLS + " is no URL");
    }
    if (uri.getRawAuthority() != null && uri.getRawAuthority().contains("@")) {
      throw new SettingsException(
          URLS
              + " holds a user: set basic.auth.credentials.source: USER_INFO and"
              + " basic.auth.user.info under registry.properties");
    }
    if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
      throw new SettingsException(URLS + " is \"" + url + "\", must begin with http or https");
    }
  }

  /** Shows only the names of the properties, because their values may hold secrets. */
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
