package dev.utter.embedded.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns HTTP exchanges into requests to the registry, and answers and errors into JSON. */
final class RegistryHandler implements HttpHandler {
  private static final Logger LOGGER = LoggerFactory.getLogger(RegistryHandler.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  private final SubjectRoutes subjects;
  private final PolicyRoutes policies;

  RegistryHandler(SchemaRegistry registry) {
    subjects = new SubjectRoutes(registry);
    policies = new PolicyRoutes(registry);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        answer(exchange, 200, route(RegistryRequest.read(exchange)));
      } catch (RegistryException refused) {
        answer(
            exchange,
            refused.status(),
            error(refused.errorCode(), String.valueOf(refused.getMessage())));
      } catch (RuntimeException e) {
        LOGGER
            .atError()
            .setCause(e)
            .addKeyValue("method", exchange.getRequestMethod())
            .addKeyValue("path", exchange.getRequestURI())
            .log("Schema registry request failed");
        answer(exchange, 500, error(50001, "Error in the backend data store: " + e.getMessage()));
      }
    }
  }

  private Object route(RegistryRequest request) {
    if (request.path().isEmpty()) {
      return Map.of();
    }
    return switch (request.segment(0)) {
      case "subjects" -> subjects.subjects(request);
      case "schemas" -> subjects.schemas(request);
      case "compatibility" -> policies.compatibility(request);
      case "config" -> policies.config(request);
      case "mode" -> policies.mode(request);
      default -> throw request.noSuchPath();
    };
  }

  private static Map<String, Object> error(int code, String message) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error_code", code);
    body.put("message", message);
    return body;
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
