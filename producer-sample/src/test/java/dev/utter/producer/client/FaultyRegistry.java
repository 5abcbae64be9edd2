package dev.utter.producer.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.utter.embedded.SharedStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy before the shared registry, which can refuse every call or stop. */
final class FaultyRegistry implements AutoCloseable {
  private static final int PASSES_ON = 0;

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile int status = PASSES_ON;
  private HttpServer server;
  private final int port;

  FaultyRegistry() throws IOException {
    server = listen(0);
    port = server.getAddress().getPort();
  }

  KafkaAccess kafka() {
    return new KafkaAccess(
        SharedStack.get().bootstrapServers(), "http://127.0.0.1:" + port, Map.of());
  }

  void answerWith(int errorStatus) {
    status = errorStatus;
  }

  /** How many calls were answered with an error. */
  int refused() {
    return refused.get();
  }

  void stop() {
    server.stop(0);
  }

  /** Starts again and passes every call on. */
  void restart() throws IOException {
    status = PASSES_ON;
    server = listen(port);
  }

  private HttpServer listen(int wanted) throws IOException {
    HttpServer listening =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
    listening.createContext("/", this::handle);
    listening.start();
    return listening;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (status != PASSES_ON) {
        refused.incrementAndGet();
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      URI behind = URI.create(SharedStack.get().schemaRegistryUrl() + exchange.getRequestURI());
      HttpResponse<byte[]> answer =
          client.send(HttpRequest.newBuilder(behind).build(), BodyHandlers.ofByteArray());
      exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
      exchange.getResponseBody().write(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
