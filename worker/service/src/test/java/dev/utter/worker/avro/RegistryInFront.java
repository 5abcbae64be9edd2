package dev.utter.worker.avro;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes calls on to a registry, except those that a test makes it answer itself. */
final class RegistryInFront implements AutoCloseable {
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Rule> rules = new CopyOnWriteArrayList<>();
  private final String behind;
  private final HttpServer server;

  private record Rule(String method, String path, int status, String body) {}

  RegistryInFront(String behind) throws IOException {
    this.behind = behind;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers calls of paths that begin so with an error, from now on. */
  void answer(String method, String path, int status, int errorCode) {
    String body = "{\"error_code\":" + errorCode + ",\"message\":\"as configured\"}";
    rules.add(new Rule(method, path, status, body));
  }

  /** Answers calls of paths that begin so with this JSON, from now on. */
  void answer(String method, String path, String body) {
    rules.add(new Rule(method, path, 200, body));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().toString();
      byte[] body = exchange.getRequestBody().readAllBytes();
      for (Rule rule : rules) {
        if (rule.method().equals(exchange.getRequestMethod()) && path.startsWith(rule.path())) {
          answer(exchange, rule.status(), rule.body().getBytes(StandardCharsets.UTF_8));
          return;
        }
      }
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(behind + path))
                  .header("Content-Type", MEDIA_TYPE)
                  .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body))
                  .build(),
              BodyHandlers.ofByteArray());
      answer(exchange, answer.statusCode(), answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
