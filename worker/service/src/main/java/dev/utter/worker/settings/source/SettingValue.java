package dev.utter.worker.settings.source;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of one setting in file and environment.
 *
 * @param name full name, for errors
 * @param variable the variable that overrides the file
 * @param node what the file has; null for nothing
 * @param environment variables that override it and hold secrets
 */
record SettingValue(
    String name, String variable, @Nullable JsonNode node, Map<String, String> environment) {
  private static final YAMLMapper YAML = new YAMLMapper();

  private Optional<String> override() {
    return Optional.ofNullable(environment.get(variable));
  }

  /** Whether it is this word, in any case. */
  boolean isWord(String word) {
    return override()
        .or(() -> Optional.ofNullable(node).filter(JsonNode::isValueNode).map(JsonNode::asText))
        .filter(text -> text.strip().equalsIgnoreCase(word))
        .isPresent();
  }

  /** Whether there is no value, or only white space. */
  boolean isBlank() {
    return override()
        .map(String::isBlank)
        .orElseGet(
            () ->
                node == null
                    || node.isNull()
                    || node.isValueNode() && node.asText().isBlank()
                    || node.isArray() && node.isEmpty());
  }

  Optional<String> text() {
    Optional<String> override = override();
    if (override.isPresent()) {
      return override;
    }
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isValueNode()) {
      throw new SettingsException(name + " must be a single value");
    }
    return Optional.of(node.asText());
  }

  /**
   * The text as something else.
   *
   * @param expected what the text must be
   */
  <T> Optional<T> parsed(String expected, Function<String, T> parser) {
    return text()
        .map(
            text -> {
              try {
                return parser.apply(text.strip());
              } catch (IllegalArgumentException e) {
                throw new SettingsException(name + " is \"" + text + "\", must be " + expected, e);
              }
            });
  }

  /** A list; the environment gives it as {@code a, b} or {@code [a, b]}. */
  <T> Optional<List<T>> list(Function<String, T> parser) {
    return texts()
        .map(
            texts -> {
              try {
                return texts.stream().map(parser).toList();
              } catch (IllegalArgumentException e) {
                throw new SettingsException(name + " holds " + e.getMessage(), e);
              }
            });
  }

  private Optional<List<String>> texts() {
    JsonNode list =
        override()
            .map(text -> yaml(text.strip().startsWith("[") ? text : "[" + text + "]"))
            .orElse(node);
    if (list == null || list.isNull()) {
      return Optional.empty();
    }
    if (!list.isArray()) {
      throw new SettingsException(name + " must be a list");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list) {
      if (!item.isValueNode() || item.isNull()) {
        throw new SettingsException(name + " must be a list of single values");
      }
      texts.add(item.asText());
    }
    return Optional.of(texts);
  }

  Optional<Secret> secret() {
    boolean overridden = override().isPresent();
    return text().map(text -> secret(name, text, overridden));
  }

  Optional<Secret> textOrReference() {
    return text().map(text -> secret(name, text, true));
  }

  /** Secrets: a list, each item of the environment the value itself or {@code file:/path}. */
  Optional<List<Secret>> secrets() {
    boolean overridden = override().isPresent();
    return texts()
        .map(texts -> texts.stream().map(text -> secret(name, text, overridden)).toList());
  }

  private Secret secret(String place, String text, boolean mayBeWritten) {
    return mayBeWritten && !SecretReference.is(text)
        ? new Secret(text, Optional.empty())
        : new Secret(SecretReference.resolve(place, text, environment), SecretReference.file(text));
  }

  /**
   * Secrets with names: in the file a list of maps, each with a name and a reference; in the
   * environment {@code NAME=SECRET NAME=SECRET}, separated by spaces or line ends.
   */
  Optional<List<Secret.Named>> namedSecrets(String nameKey, String secretKey) {
    Optional<String> override = override();
    if (override.isPresent()) {
      return Optional.of(
          Stream.of(override.get().strip().split("\\s+")).map(this::namedSecret).toList());
    }
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isArray()) {
      throw new SettingsException(name + " must be a list");
    }
    List<Secret.Named> secrets = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      secrets.add(namedSecret(name + "[" + i + "]", node.get(i), nameKey, secretKey));
    }
    return Optional.of(secrets);
  }

  private Secret.Named namedSecret(String item, JsonNode map, String nameKey, String secretKey) {
    Map<String, String> entries = entries(item, map);
    for (String required : List.of(nameKey, secretKey)) {
      if (!entries.containsKey(required)) {
        throw new SettingsException(item + "." + required + " is missing");
      }
    }
    if (entries.size() > 2) {
      throw new SettingsException(
          item + " has other settings than " + nameKey + " and " + secretKey);
    }
    String text = requireNonNull(entries.get(secretKey));
    return new Secret.Named(
        requireNonNull(entries.get(nameKey)),
        SecretReference.resolve(item + "." + secretKey, text, environment));
  }

  private Secret.Named namedSecret(String entry) {
    int equals = entry.indexOf('=');
    if (equals < 1 || equals == entry.length() - 1) {
      throw new SettingsException(
          variable + " must be NAME=SECRET, or several of these separated by spaces");
    }
    return new Secret.Named(
        entry.substring(0, equals), secret(variable, entry.substring(equals + 1), true).value());
  }

  /**
   * Names and values. The environment gives them as a YAML map, which is laid over the file's. A
   * name that looks secret must have a reference for its value in the file.
   */
  Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    entries(name, node)
        .forEach(
            (key, value) ->
                properties.put(
                    key,
                    SecretNames.isSecret(key)
                        ? SecretReference.resolve(name + "." + key, value, environment)
                        : value));
    override().ifPresent(text -> properties.putAll(entries(name, yaml(text))));
    return properties;
  }

  private static Map<String, String> entries(String name, @Nullable JsonNode map) {
    Map<String, String> entries = new LinkedHashMap<>();
    if (map == null || map.isNull()) {
      return entries;
    }
    if (!map.isObject()) {
      throw new SettingsException(name + " must be a map of names and values");
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      if (!entry.getValue().isValueNode()) {
        throw new SettingsException(name + "." + entry.getKey() + " must be a single value");
      }
      entries.put(entry.getKey(), entry.getValue().asText());
    }
    return entries;
  }

  /**
   * Sections by their names. The environment gives all as one YAML map of maps, which is laid over
   * the file's by name; their settings have no variables of their own.
   */
  Map<String, SettingsSource> sections() {
    Map<String, SettingsSource> sections = new LinkedHashMap<>(sections(node));
    override().ifPresent(text -> sections.putAll(sections(yaml(text))));
    return sections;
  }

  private Map<String, SettingsSource> sections(@Nullable JsonNode map) {
    Map<String, SettingsSource> sections = new LinkedHashMap<>();
    if (map == null || map.isNull()) {
      return sections;
    }
    if (!map.isObject()) {
      throw new SettingsException(name + " must be a map of names and sections");
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String item = name + "[" + entry.getKey() + "]";
      if (!(entry.getValue() instanceof ObjectNode object)) {
        throw new SettingsException(item + " must be a section with settings of its own");
      }
      sections.put(entry.getKey(), SettingsSource.item(item, object));
    }
    return sections;
  }

  private JsonNode yaml(String text) {
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      // The parser's message would repeat the value, which may hold secrets.
      throw new SettingsException("the value of " + variable + " is no YAML");
    }
  }

  /** Shows only the name, because the environment holds secrets. */
  @Override
  public String toString() {
    return name;
  }
}
