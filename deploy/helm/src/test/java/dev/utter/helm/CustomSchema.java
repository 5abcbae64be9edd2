package dev.utter.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * The schema of a custom resource definition. Of it are checked: types, fields, required fields,
 * enumerations, patterns, lengths and minima.
 */
final class CustomSchema {
  private static final List<String> OF_EVERY_OBJECT = List.of("apiVersion", "kind", "metadata");

  private final JsonNode schema;

  private CustomSchema(JsonNode schema) {
    this.schema = schema;
  }

  static CustomSchema load(String resource, String apiVersion) {
    try (InputStream in = CustomSchema.class.getResourceAsStream("/crds/" + resource)) {
      String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
      for (JsonNode served : new YAMLMapper().readTree(in).at("/spec/versions")) {
        if (served.path("name").asText().equals(version)) {
          return new CustomSchema(served.at("/schema/openAPIV3Schema"));
        }
      }
      throw new AssertionError(resource + " has no version " + version);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> problems(JsonNode document) {
    List<String> problems = new ArrayList<>();
    document
        .properties()
        .forEach(
            field -> {
              if (!OF_EVERY_OBJECT.contains(field.getKey())) {
                JsonNode known = schema.path("properties").path(field.getKey());
                if (known.isMissingNode()) {
                  problems.add(field.getKey() + " is no field");
                }
                check(known, field.getValue(), field.getKey(), problems);
              }
            });
    requireFields(schema, document, "the document", problems);
    return problems;
  }

  private static void check(JsonNode schema, JsonNode value, String path, List<String> problems) {
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      require(value.isInt() || value.isTextual(), path, "a whole number or a text", problems);
      return;
    }
    switch (schema.path("type").asText()) {
      case "object" -> object(schema, value, path, problems);
      case "array" -> {
        require(value.isArray(), path, "a list", problems);
        int index = 0;
        for (JsonNode item : value) {
          check(schema.path("items"), item, path + "[" + index++ + "]", problems);
        }
      }
      case "string" -> text(schema, value, path, problems);
      case "integer" -> require(value.isIntegralNumber(), path, "a whole number", problems);
      case "number" -> require(value.isNumber(), path, "a number", problems);
      case "boolean" -> require(value.isBoolean(), path, "true or false", problems);
      default -> {
        // Anything goes.
      }
    }
    if (schema.has("minimum") && value.isNumber()) {
      require(
          value.asDouble() >= schema.path("minimum").asDouble(),
          path,
          schema.path("minimum") + " or more",
          problems);
    }
  }

  private static void object(JsonNode schema, JsonNode value, String path, List<String> problems) {
    require(value.isObject(), path, "a map", problems);
    value
        .properties()
        .forEach(
            field -> {
              String name = path + "." + field.getKey();
              JsonNode known = schema.path("properties").path(field.getKey());
              if (known.isMissingNode()) {
                known = schema.path("additionalProperties");
              }
              if (known.isObject()) {
                check(known, field.getValue(), name, problems);
              } else if (!schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
                problems.add(name + " is no field");
              }
            });
    requireFields(schema, value, path, problems);
  }

  private static void requireFields(
      JsonNode schema, JsonNode value, String path, List<String> problems) {
    schema
        .path("required")
        .forEach(name -> require(value.has(name.asText()), path, "with " + name, problems));
  }

  private static void text(JsonNode schema, JsonNode value, String path, List<String> problems) {
    require(value.isTextual(), path, "a text", problems);
    if (schema.has("enum")) {
      require(
          StreamSupport.stream(schema.path("enum").spliterator(), false).anyMatch(value::equals),
          path,
          "one of " + schema.path("enum"),
          problems);
    }
    if (schema.has("pattern")) {
      String pattern = schema.path("pattern").asText();
      require(
          Pattern.compile(pattern).matcher(value.asText()).find(),
          path,
          "like " + pattern,
          problems);
    }
    require(value.asText().length() >= schema.path("minLength").asInt(), path, "longer", problems);
  }

  private static void require(boolean kept, String path, String rule, List<String> problems) {
    if (!kept) {
      problems.add(path + " must be " + rule);
    }
  }
}
