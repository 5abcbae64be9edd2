package dev.utter.worker.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.threads.NamedThreads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Serves {@code /health/live}, {@code /health/ready} and {@code /metrics}. Live answers 503 once
 * the worker is broken, ready while any part is not.
 */
public final class TelemetryServer implements AutoCloseable {
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;
  private static final int THREADS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final NamedThreads handlers = NamedThreads.daemons("utter-http");
  private final HttpServer server;
  private final ExecutorService threads;
  private final Health health;
  private final Supplier<String> metrics;

  private TelemetryServer(HttpServer server, Health health, Supplier<String> metrics) {
    this.server = server;
    this.health = health;
    this.metrics = metrics;
    threads = Executors.newFixedThreadPool(THREADS, handlers);
  }

  /**
   * Starts to serve.
   *
   * @param metrics what to answer on {@code /metrics}
   * @throws WorkerBrokenException if the port cannot be had
   */
  public static TelemetryServer start(
      String address, int port, Health health, Supplier<String> metrics) {
    requireNonNull(health, "health is null");
    requireNonNull(metrics, "metrics is null");
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
      TelemetryServer telemetry = new TelemetryServer(server, health, metrics);
      server.setExecutor(telemetry.threads);
      server.createContext("/", telemetry::answer);
      server.start();
      return telemetry;
    } catch (IOException | IllegalArgumentException e) {
      throw new WorkerBrokenException(
          "cannot serve health and metrics on " + address + ":" + port + ": " + e.getMessage(), e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    handlers.join(PATIENCE);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, METHOD_NOT_ALLOWED, TEXT, "only GET is served here\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/health/live" -> live(exchange);
        case "/health/ready" -> ready(exchange);
        case "/metrics" -> send(exchange, OK, PROMETHEUS, metrics.get());
        default -> send(exchange, NOT_FOUND, TEXT, "/health/live /health/ready /metrics\n");
      }
    }
  }

  private void live(HttpExchange exchange) throws IOException {
    Optional<String> broken = health.broken();
    send(
        exchange,
        broken.isPresent() ? UNAVAILABLE : OK,
        TEXT,
        broken.map(why -> "broken: " + why).orElse("live") + "\n");
  }

  private void ready(HttpExchange exchange) throws IOException {
    Map<String, Optional<String>> parts = health.parts();
    boolean ready =
        health.broken().isEmpty() && parts.values().stream().allMatch(Optional::isEmpty);
    String body =
        parts.entrySet().stream()
            .map(part -> part.getKey() + ": " + part.getValue().orElse("ready") + "\n")
            .collect(Collectors.joining());
    send(exchange, ready ? OK : UNAVAILABLE, TEXT, body);
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
