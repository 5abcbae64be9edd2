package dev.utter.speech.checkpoint.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of one JSON object of a configuration file. Absent and null fields take the default
 * given; any other value of the wrong kind is refused naming file, field, value and rule.
 */
public final class ConfigFields {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String path;
  private final JsonNode node;

  private ConfigFields(Path file, String path, JsonNode node) {
    this.file = file;
    this.path = path;
    this.node = node;
  }

  /**
   * Reads a file.
   *
   * @throws CheckpointException if the file is missing or not a JSON object
   */
  public static ConfigFields read(Path file) {
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (!root.isObject()) {
        throw new CheckpointException(file + ": expected a JSON object");
      }
      return new ConfigFields(file, "", root);
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file + ": no such file", e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Whether the field is there and not null. */
  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /** Whether the object itself is in the file. */
  public boolean isPresent() {
    return node.isObject();
  }

  /** The object in the field, empty of fields if absent. */
  public ConfigFields object(String name) {
    JsonNode value = has(name) ? node.get(name) : MissingNode.getInstance();
    if (!value.isMissingNode() && !value.isObject()) {
      throw refuse(name, "must be an object");
    }
    return new ConfigFields(file, path + name + ".", value);
  }

  /** A whole number of at least 1. */
  int count(String name, int absent) {
    return wholeNumber(name, absent, 1);
  }

  /** A whole number of at least 0. */
  int id(String name, int absent) {
    return wholeNumber(name, absent, 0);
  }

  /** A number above 0. */
  double positive(String name, double absent) {
    if (!has(name)) {
      return absent;
    }
    JsonNode value = node.get(name);
    if (!value.isNumber() || !(value.doubleValue() > 0)) {
      throw refuse(name, "must be a number above 0");
    }
    return value.doubleValue();
  }

  /** A number above 0 that has no default. */
  double positive(String name) {
    if (!has(name)) {
      throw refuse(name, "must be a number above 0");
    }
    return positive(name, 0);
  }

  /** True or false. */
  public boolean flag(String name, boolean absent) {
    if (has(name) && !node.get(name).isBoolean()) {
      throw refuse(name, "must be true or false");
    }
    return has(name) ? node.get(name).booleanValue() : absent;
  }

  /** Text, empty if absent. */
  public Optional<String> text(String name) {
    if (has(name) && !node.get(name).isTextual()) {
      throw refuse(name, "must be a string");
    }
    return has(name) ? Optional.of(node.get(name).textValue()) : Optional.empty();
  }

  /** A non-empty array of whole numbers of at least 1. */
  List<Integer> counts(String name, List<Integer> absent) {
    if (!has(name)) {
      return absent;
    }
    List<Integer> counts = new ArrayList<>();
    for (JsonNode value : node.get(name)) {
      if (!value.canConvertToInt() || !value.isIntegralNumber() || value.intValue() < 1) {
        throw refuse(name, "must be an array of whole numbers from 1");
      }
      counts.add(value.intValue());
    }
    if (counts.isEmpty()) {
      throw refuse(name, "must be an array of at least one whole number");
    }
    return List.copyOf(counts);
  }

  /** An object whose values are all strings, in the order of the file. */
  public Map<String, String> strings(String name) {
    Map<String, String> strings = new LinkedHashMap<>();
    JsonNode value = node.path(name);
    if (!value.isObject()) {
      throw refuse(name, "must be an object");
    }
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (!entry.getValue().isTextual()) {
        throw refuse(name, "must be an object of strings");
      }
      strings.put(entry.getKey(), entry.getValue().textValue());
    }
    return strings;
  }

  /** Refuses anything but {@code only}; absent passes. */
  void demand(String name, Object only) {
    if (has(name) && !node.get(name).asText().equals(only.toString())) {
      JsonNode value = node.get(name);
      boolean sameNumber =
          value.isNumber()
              && only instanceof Number number
              && value.doubleValue() == number.doubleValue();
      if (!sameNumber) {
        throw refuse(name, "only " + only + " is supported");
      }
    }
  }

  /** The error for a field whose value breaks {@code rule}. */
  public CheckpointException refuse(String name, String rule) {
    String found = has(name) ? node.get(name).toString() : "absent";
    return new CheckpointException(file + ": " + path + name + " is " + found + ", " + rule);
  }

  private int wholeNumber(String name, int absent, int min) {
    if (!has(name)) {
      return absent;
    }
    JsonNode value = node.get(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min) {
      throw refuse(name, "must be a whole number from " + min);
    }
    return value.intValue();
  }
}
