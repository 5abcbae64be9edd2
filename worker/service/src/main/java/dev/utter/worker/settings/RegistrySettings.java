package dev.utter.worker.settings;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/**
 * Settings of the schema registry client; section {@code registry}.
 *
 * @param url one URL or more, separated by commas, without user and password
 * @param properties further properties, by Confluent's names
 */
public record RegistrySettings(String url, Map<String, String> properties) {
  private static final String URL = "schema.registry.url";

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
    properties = Map.copyOf(properties);
  }

  /** The configuration of serializers and clients. */
  public Map<String, String> client() {
    Map<String, String> client = new HashMap<>(properties);
    client.put(URL, url);
    return Map.copyOf(client);
  }

  static RegistrySettings read(Section section) {
    RegistrySettings settings =
        new RegistrySettings(section.requiredText("url"), section.properties("properties"));
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
    return "RegistrySettings[url=" + url + ", properties=" + properties.keySet() + "]";
  }
}
