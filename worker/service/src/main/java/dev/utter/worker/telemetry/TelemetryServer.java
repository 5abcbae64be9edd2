package dev.utter.worker.telemetry;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.threads.NamedThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /health/live}, {@code /health/ready}, {@code /metrics} and {@code /drain}. Live
 * answers 503 once the worker is broken, ready while any part is not. The answers contain states
 * but no reasons: reasons name hosts and buckets, and are logged, see {@link HealthLog}.
 *
 * <p>{@code GET /drain} reports how far a drain is, {@code POST /drain} begins one, with {@code
 * ?exit} one that ends the process. Both are answered only to this machine, or pod, and never to a
 * page in a browser.
 *
 * <p>Health must answer whatever clients do with this port. So one thread reads and writes without
 * ever waiting for a client; a client has a few seconds for its request and for taking the answer;
 * when there are too many, the oldest connection is closed. Metrics are collected on a thread of
 * their own.
 */
public final class TelemetryServer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(TelemetryServer.class);
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int CONFLICT = 409;
  private static final int TOO_LONG = 431;
  private static final int UNAVAILABLE = 503;
  private static final int MAX_CONNECTIONS = 128;
  private static final int MAX_SCRAPES = 8;
  private static final Duration STEP = Duration.ofSeconds(5);
  private static final Duration LOOK_ROUND = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NamedThreads threads = NamedThreads.daemons("utter-http");
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final Set<Connection> connections = new LinkedHashSet<>();
  private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
  private final ExecutorService scrapes;
  private final Health health;
  private final HealthLog log;
  private final Function<MetricsFormat, String> metrics;
  private final Drain drain;

  private TelemetryServer(
      Selector selector,
      ServerSocketChannel listener,
      Health health,
      Function<MetricsFormat, String> metrics,
      Drain drain) {
    this.selector = selector;
    this.listener = listener;
    this.health = health;
    this.metrics = metrics;
    this.drain = drain;
    log = new HealthLog(health, System::nanoTime);
    scrapes =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_SCRAPES), threads);
  }

  /**
   * Starts to serve.
   *
   * @param metrics what to answer on {@code /metrics}, in the format that the client prefers
   * @param drain what {@code /drain} asks
   * @throws WorkerBrokenException if the port cannot be opened
   */
  public static TelemetryServer start(
      String address,
      int port,
      Health health,
      Function<MetricsFormat, String> metrics,
      Drain drain) {
    requireNonNull(health, "health is null");
    requireNonNull(metrics, "metrics is null");
    requireNonNull(drain, "drain is null");
    try {
      Selector selector = Selector.open();
      ServerSocketChannel listener = ServerSocketChannel.open();
      try {
        listener.bind(new InetSocketAddress(address, port), MAX_CONNECTIONS);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
      } catch (IOException | RuntimeException e) {
        listener.close();
        selector.close();
        throw e;
      }
      TelemetryServer server = new TelemetryServer(selector, listener, health, metrics, drain);
      server.threads.newThread(server::serve).start();
      return server;
    } catch (IOException | IllegalArgumentException e) {
      throw new WorkerBrokenException(
          "cannot serve health and metrics on " + address + ":" + port + ": " + e.getMessage(), e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return listener.socket().getLocalPort();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the port of health and metrics did not close", e);
    } finally {
      scrapes.shutdownNow();
      selector.wakeup();
      threads.join(PATIENCE);
    }
  }

  private void serve() {
    try (selector) {
      while (listener.isOpen()) {
        selector.select(this::onKey, LOOK_ROUND.toMillis());
        for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
          answer.run();
        }
        connections.stream().filter(Connection::isLate).toList().forEach(this::end);
        log.look();
      }
    } catch (IOException e) {
      LOGGER.atError().setCause(e).log("Health and metrics are no longer served");
    } finally {
      connections.forEach(Connection::close);
    }
  }

  private void onKey(SelectionKey key) {
    if (key.attachment() instanceof Connection connection) {
      attempt(
          connection,
          () -> {
            if (key.isWritable()) {
              connection.write();
            } else {
              Optional<String> head = connection.read();
              if (head.isPresent()) {
                answer(connection, head.get());
              }
            }
          });
    } else {
      accept();
    }
  }

  private void accept() {
    try {
      SocketChannel channel = listener.accept();
      if (channel == null) {
        return;
      }
      if (connections.size() >= MAX_CONNECTIONS) {
        end(connections.iterator().next());
      }
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, 0);
      Connection connection = new Connection(key, channel, STEP);
      key.attach(connection);
      connections.add(connection);
    } catch (IOException e) {
      LOGGER.atDebug().setCause(e).log("Connection not taken");
    }
  }

  private void answer(Connection connection, String head) throws IOException {
    String[] words = head.lines().findFirst().orElse("").split(" ");
    String[] target = words.length < 2 ? new String[] {""} : words[1].split("\\?", 2);
    if (head.isEmpty()) {
      connection.send(Answer.text(TOO_LONG, "the request is too long\n"));
    } else if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
      connection.send(Answer.text(BAD_REQUEST, "no HTTP/1 request\n"));
    } else if (target[0].equals("/drain")) {
      connection.send(
          connection.isLocal() && !isOfBrowser(head)
              ? drain(words[0], target.length > 1 && target[1].equals("exit"))
              : Answer.text(FORBIDDEN, "ask from the worker's own machine or pod\n"));
    } else if (!words[0].equals("GET")) {
      connection.send(Answer.text(METHOD_NOT_ALLOWED, "only GET is served here\n"));
    } else {
      switch (target[0]) {
        case "/health/live" -> connection.send(live());
        case "/health/ready" -> connection.send(ready());
        case "/metrics" -> scrape(connection, MetricsFormat.of(head));
        default ->
            connection.send(Answer.text(NOT_FOUND, "/health/live /health/ready /metrics /drain\n"));
      }
    }
  }

  /** A page of any site can send requests to this machine; its browser names the site. */
  private static boolean isOfBrowser(String head) {
    return head.lines().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("origin:"));
  }

  private Answer drain(String method, boolean exit) {
    return switch (method) {
      case "GET" -> Answer.json(OK, text(drain.progress()));
      case "POST" -> {
        Drain.Progress progress = drain.begin(exit);
        LOGGER.atInfo().addKeyValue("state", progress.phase()).log("A drain was requested");
        yield Answer.json(
            progress.phase() == Drain.Phase.UNAVAILABLE ? CONFLICT : OK, text(progress));
      }
      default -> Answer.text(METHOD_NOT_ALLOWED, "only GET and POST are served here\n");
    };
  }

  private static String text(Drain.Progress progress) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("worker", progress.worker())
            .put("state", progress.phase().name())
            .put("requests", progress.requests());
    progress.parts().forEach(json.putArray("parts")::add);
    return json + "\n";
  }

  private void scrape(Connection connection, MetricsFormat format) throws IOException {
    try {
      scrapes.execute(
          () -> {
            Answer answer = scraped(format);
            answers.add(() -> attempt(connection, () -> connection.send(answer)));
            selector.wakeup();
          });
    } catch (RejectedExecutionException e) {
      connection.send(Answer.text(UNAVAILABLE, "too many want the metrics at the same time\n"));
    }
  }

  private Answer scraped(MetricsFormat format) {
    try {
      return new Answer(OK, format.mediaType(), metrics.apply(format));
    } catch (RuntimeException e) {
      LOGGER.atWarn().setCause(e).log("Metrics could not be collected");
      return Answer.text(UNAVAILABLE, "the metrics could not be collected\n");
    }
  }

  private Answer live() {
    return health.broken().isPresent()
        ? Answer.text(UNAVAILABLE, "broken\n")
        : Answer.text(OK, "live\n");
  }

  private Answer ready() {
    Map<String, Optional<String>> parts = health.parts();
    return Answer.text(
        health.isReady(parts) ? OK : UNAVAILABLE,
        parts.entrySet().stream()
            .map(
                part -> part.getKey() + (part.getValue().isEmpty() ? ": ready\n" : ": not ready\n"))
            .collect(Collectors.joining()));
  }

  private void attempt(Connection connection, Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      LOGGER.atDebug().setCause(e).log("Connection ended");
      end(connection);
    }
  }

  private void end(Connection connection) {
    connections.remove(connection);
    connection.close();
  }

  private interface Step {
    void run() throws IOException;
  }
}
