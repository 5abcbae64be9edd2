package dev.utter.worker.settings.source;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * One section of the settings file under the environment's overrides: {@code kafka.stateFolder} is
 * overridden by {@code UTTER_KAFKA_STATE_FOLDER}. Every name asked for is noted, so that what was
 * not read can be refused.
 */
public final class Section {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final String path;
  private final ObjectNode node;
  private final Map<String, String> environment;
  private final Set<String> asked = new HashSet<>();

  public Section(String path, ObjectNode node, Map<String, String> environment) {
    this.path = path;
    this.node = node;
    this.environment = environment;
  }

  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Whether the file has this section, or the environment the setting it cannot do without. */
  public boolean has(String name, String decisive) {
    return node.has(name) || environment.containsKey(variable(name + "." + decisive));
  }

  public Section section(String name) {
    asked.add(name);
    JsonNode child = node.get(name);
    if (child == null || child.isNull()) {
      child = JsonNodeFactory.instance.objectNode();
    }
    if (child instanceof ObjectNode object) {
      return new Section(path(name), object, environment);
    }
    throw new SettingsException(path(name) + " must be a section with settings of its own");
  }

  public Optional<String> text(String name) {
    asked.add(name);
    Optional<String> override = override(name);
    if (override.isPresent()) {
      return override;
    }
    JsonNode value = node.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isValueNode()) {
      throw new SettingsException(path(name) + " must be a single value");
    }
    return Optional.of(value.asText());
  }

  public String requiredText(String name) {
    return text(name)
        .filter(value -> !value.isBlank())
        .orElseThrow(
            () ->
                new SettingsException(
                    path(name) + " is missing (environment: " + variable(name) + ")"));
  }

  /** A secret: a reference in the file, or the value itself in the environment. */
  public Optional<String> secret(String name) {
    Optional<String> override = override(name);
    if (override.isPresent()) {
      asked.add(name);
      return override.map(
          value ->
              value.startsWith("file:")
                  ? SecretReference.resolve(path(name), value, environment)
                  : value);
    }
    return text(name).map(value -> SecretReference.resolve(path(name), value, environment));
  }

  /**
   * A secret with a public name.
   *
   * @param name the name
   * @param secret the secret itself
   */
  public record NamedSecret(String name, String secret) {
    /** Shows the name only. */
    @Override
    public String toString() {
      return "NamedSecret[" + name + "]";
    }
  }

  /**
   * A list of secrets with names: in the file a list of maps, each with a name and a reference to
   * the secret; in the environment {@code NAME=SECRET NAME=SECRET}, separated by spaces or line
   * ends, where a secret may be a reference, too.
   *
   * @param nameKey what the name is called in the maps
   * @param secretKey what the secret is called in the maps
   */
  public Optional<List<NamedSecret>> namedSecrets(String name, String nameKey, String secretKey) {
    asked.add(name);
    Optional<String> override = override(name);
    if (override.isPresent()) {
      return Optional.of(
          Stream.of(override.get().strip().split("\\s+"))
              .map(entry -> namedSecret(name, entry))
              .toList());
    }
    JsonNode list = node.get(name);
    if (list == null || list.isNull()) {
      return Optional.empty();
    }
    if (!list.isArray()) {
      throw new SettingsException(path(name) + " must be a list");
    }
    List<NamedSecret> secrets = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String item = name + "[" + i + "]";
      Map<String, String> entries = entries(item, list.get(i));
      for (String required : List.of(nameKey, secretKey)) {
        if (!entries.containsKey(required)) {
          throw new SettingsException(path(item) + "." + required + " is missing");
        }
      }
      if (entries.size() > 2) {
        throw new SettingsException(
            path(item) + " has other settings than " + nameKey + " and " + secretKey);
      }
      secrets.add(
          new NamedSecret(
              requireNonNull(entries.get(nameKey)),
              SecretReference.resolve(
                  path(item) + "." + secretKey,
                  requireNonNull(entries.get(secretKey)),
                  environment)));
    }
    return Optional.of(secrets);
  }

  private NamedSecret namedSecret(String list, String entry) {
    int equals = entry.indexOf('=');
    if (equals < 1 || equals == entry.length() - 1) {
      throw new SettingsException(
          variable(list) + " must be NAME=SECRET, or several of these separated by spaces");
    }
    String name = entry.substring(0, equals);
    String value = entry.substring(equals + 1);
    return new NamedSecret(
        name,
        SecretReference.is(value)
            ? SecretReference.resolve(variable(list), value, environment)
            : value);
  }

  /**
   * Secrets: a list of references in the file; in the environment {@code a, b} or {@code [a, b]},
   * each the value itself or {@code file:/path}. Empty if there are none.
   */
  public List<String> secrets(String name) {
    boolean fromEnvironment = override(name).isPresent();
    List<String> secrets = new ArrayList<>();
    for (String text : texts(name).orElse(List.of())) {
      boolean value = fromEnvironment && SecretReference.file(text).isEmpty();
      secrets.add(value ? text : SecretReference.resolve(path(name), text, environment));
    }
    return secrets;
  }

  /** The file that a secret comes from, if it comes from one. */
  public Optional<Path> secretFile(String name) {
    return override(name).or(() -> text(name)).flatMap(SecretReference::file);
  }

  public OptionalInt integer(String name) {
    Optional<Integer> value = parsed(name, "a whole number", text -> Integer.valueOf(text));
    return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
  }

  public OptionalLong longInteger(String name) {
    Optional<Long> value = parsed(name, "a whole number", text -> Long.valueOf(text));
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  public OptionalDouble decimal(String name) {
    Optional<Double> value = parsed(name, "a number", text -> Double.valueOf(text));
    return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
  }

  public Optional<Boolean> flag(String name) {
    return parsed(
        name,
        "true or false",
        text -> {
          if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
          }
          throw new IllegalArgumentException("neither true nor false");
        });
  }

  public Optional<Duration> duration(String name) {
    return parsed(
        name,
        "a duration such as 250ms, 30s, 5m, 2h, 7d or PT30S",
        text ->
            Durations.parse(text).orElseThrow(() -> new IllegalArgumentException("no duration")));
  }

  public <T extends Enum<T>> Optional<T> choice(String name, Class<T> type) {
    return parsed(
        name,
        "one of " + List.of(type.getEnumConstants()),
        text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT)));
  }

  /** A list of texts; the environment gives it as {@code a, b} or {@code [a, b]}. */
  public Optional<List<String>> texts(String name) {
    asked.add(name);
    Optional<String> override = override(name);
    JsonNode value =
        override
            .map(text -> yaml(name, text.strip().startsWith("[") ? text : "[" + text + "]"))
            .orElse(node.get(name));
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isArray()) {
      throw new SettingsException(path(name) + " must be a list");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isValueNode() || item.isNull()) {
        throw new SettingsException(path(name) + " must be a list of single values");
      }
      texts.add(item.asText());
    }
    return Optional.of(texts);
  }

  /**
   * Names and values to pass through to a client. The environment gives them as a YAML map, {@code
   * {security.protocol: SSL}}, which is laid over the file's. A name that looks secret must have a
   * reference for its value in the file.
   */
  public Map<String, String> properties(String name) {
    asked.add(name);
    Map<String, String> properties = new LinkedHashMap<>();
    entries(name, node.get(name))
        .forEach(
            (key, value) ->
                properties.put(
                    key,
                    SecretNames.isSecret(key)
                        ? SecretReference.resolve(path(name) + "." + key, value, environment)
                        : value));
    override(name).ifPresent(text -> properties.putAll(entries(name, yaml(name, text))));
    return properties;
  }

  /**
   * Sections with names that the operator chooses. The environment gives all as one YAML map of
   * maps, which is laid over the file's by name; their settings have no variables of their own.
   */
  public Map<String, Section> sections(String name) {
    asked.add(name);
    Map<String, Section> sections = new LinkedHashMap<>(sections(name, node.get(name)));
    override(name).ifPresent(text -> sections.putAll(sections(name, yaml(name, text))));
    return sections;
  }

  private Map<String, Section> sections(String name, JsonNode map) {
    Map<String, Section> sections = new LinkedHashMap<>();
    if (map == null || map.isNull()) {
      return sections;
    }
    if (!map.isObject()) {
      throw new SettingsException(path(name) + " must be a map of names and sections");
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String item = path(name) + "[" + entry.getKey() + "]";
      if (!(entry.getValue() instanceof ObjectNode object)) {
        throw new SettingsException(item + " must be a section with settings of its own");
      }
      sections.put(entry.getKey(), new Section(item, object, Map.of()));
    }
    return sections;
  }

  /** Names this section in the complaint of a record that does not know where its values stood. */
  public <T> T checked(Supplier<T> record) {
    try {
      return record.get();
    } catch (IllegalArgumentException e) {
      throw new SettingsException(path + ": " + e.getMessage(), e);
    }
  }

  /** Refuses settings in the file that were not read. */
  public void refuseUnknown() {
    List<String> unknown = new ArrayList<>();
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!asked.contains(name)) {
                unknown.add(path(name));
              }
            });
    if (!unknown.isEmpty()) {
      throw new SettingsException(
          "unknown setting " + String.join(", ", unknown) + "; known here: " + known());
    }
  }

  private String known() {
    return String.join(", ", asked.stream().sorted().toList());
  }

  private Map<String, String> entries(String name, JsonNode map) {
    Map<String, String> entries = new LinkedHashMap<>();
    if (map == null || map.isNull()) {
      return entries;
    }
    if (!map.isObject()) {
      throw new SettingsException(path(name) + " must be a map of names and values");
    }
    map.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isValueNode()) {
                throw new SettingsException(
                    path(name) + "." + entry.getKey() + " must be a single value");
              }
              entries.put(entry.getKey(), entry.getValue().asText());
            });
    return entries;
  }

  private JsonNode yaml(String name, String text) {
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      // The parser's message would repeat the value, which may hold secrets.
      throw new SettingsException("the value of " + variable(name) + " is no YAML");
    }
  }

  private <T> Optional<T> parsed(String name, String what, Function<String, T> parser) {
    return text(name)
        .map(
            text -> {
              try {
                return parser.apply(text.strip());
              } catch (IllegalArgumentException e) {
                throw new SettingsException(
                    path(name) + " is \"" + text + "\", must be " + what, e);
              }
            });
  }

  private Optional<String> override(String name) {
    return Optional.ofNullable(environment.get(variable(name)));
  }

  private String variable(String name) {
    return "UTTER_"
        + path(name)
            .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replace('.', '_')
            .replace('-', '_')
            .toUpperCase(Locale.ROOT);
  }
}
