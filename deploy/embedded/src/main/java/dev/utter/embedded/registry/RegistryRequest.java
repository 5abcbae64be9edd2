package dev.utter.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/**
 * A decoded request to the registry.
 *
 * @param method HTTP method
 * @param path decoded segments of the path
 * @param query decoded query
 * @param body the body's JSON; a missing node if it is empty
 */
record RegistryRequest(String method, List<String> path, Map<String, String> query, JsonNode body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static RegistryRequest read(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    List<String> path =
        Stream.of(uri.getRawPath().split("/"))
            .filter(segment -> !segment.isEmpty())
            .map(RegistryRequest::decoded)
            .toList();
    Map<String, String> query = new HashMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&")) {
        String[] parts = pair.split("=", 2);
        query.put(decoded(parts[0]), parts.length == 2 ? decoded(parts[1]) : "");
      }
    }
    try {
      JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
      return new RegistryRequest(exchange.getRequestMethod(), path, query, body);
    } catch (JsonProcessingException e) {
      throw RegistryException.malformedBody(e.getOriginalMessage());
    }
  }

  String segment(int index) {
    return path.get(index);
  }

  /** Segment 1, where a subject is optional; empty for the global setting. */
  String subjectOrGlobal() {
    return path.size() > 1 ? path.get(1) : "";
  }

  boolean flag(String name) {
    return Boolean.parseBoolean(query.get(name));
  }

  String text(String field) {
    if (!body.path(field).isTextual()) {
      throw RegistryException.malformedBody("the field \"" + field + "\" is missing");
    }
    return body.path(field).textValue();
  }

  /** The schema in the body. References are refused: Utter's events do not need them. */
  Schema schema() {
    String type = body.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO") && !type.equals("null")) {
      throw RegistryException.invalidSchema("schema type " + type + " is not served, only AVRO");
    }
    if (!body.path("references").isEmpty()) {
      throw RegistryException.invalidSchema("references to other schemas are not served");
    }
    return SchemaRegistry.parse(text("schema"));
  }

  /** The method and the number of path segments, for a switch. */
  String shape() {
    return method + " " + path.size();
  }

  RegistryException noSuchPath() {
    return RegistryException.noSuchPath(method, "/" + String.join("/", path));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
