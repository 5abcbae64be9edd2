package dev.utter.producer.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.producer.client.AudioStore;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.client.ResultFollower;
import dev.utter.producer.client.SynthesisClient;
import dev.utter.producer.json.RequestLine;
import dev.utter.producer.json.ResultLine;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web page for trying Utter out: a text box, a table of requests and their clips. It keeps the
 * newest {@value #MAX_REQUESTS} requests in memory. It has no authentication.
 *
 * <p>It refuses requests of other web sites, see {@link PageGuard}. A client has {@value
 * #REQUEST_SECONDS} s for its request and {@value #ANSWER_SECONDS} s for the answer.
 *
 * <pre>
 * GET  /               the page; /page.css and /page.js belong to it
 * POST /requests       one request as JSON, see {@link RequestLine}; answers {"requestId": …}
 * GET  /requests       progress of each, newest first
 * GET  /clips/ID       the clip of a completed request
 * </pre>
 */
public final class ProducerPage implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ProducerPage.class);
  private static final int MAX_REQUESTS = 200;
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final int REQUEST_SECONDS = 5;
  private static final int ANSWER_SECONDS = 60;
  private static final Duration PUBLISH_TIMEOUT = Duration.ofSeconds(20);

  /**
   * Enough for a browser and some clients with half-sent requests, each of which occupies a thread.
   */
  private static final int MAX_THREADS = 64;

  private static final int NO_BODY = -1;
  private static final Map<String, String> FILES =
      Map.of(
          "/", "page.html",
          "/page.css", "page.css",
          "/page.js", "page.js");
  private static final Map<String, String> TYPES =
      Map.of("html", "text/html", "css", "text/css", "js", "text/javascript");

  static {
    // The JDK's server reads these properties once, when the first server of the process is made.
    limit("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    limit("sun.net.httpserver.maxRspTime", ANSWER_SECONDS);
  }

  private final HttpServer server;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          MAX_THREADS, MAX_THREADS, ANSWER_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
  private final PageGuard guard;
  private final SynthesisClient client;
  private final ResultFollower follower;
  private final AudioStore store;
  private final Clock clock;

  private final Map<String, RequestProgress> requests =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, RequestProgress> eldest) {
              boolean tooMany = size() > MAX_REQUESTS;
              if (tooMany) {
                follower.unfollow(eldest.getKey());
              }
              return tooMany;
            }
          });

  /**
   * Starts serving.
   *
   * @param address where to listen; port 0 for any free one
   * @param hosts further names under which the page is served
   * @throws IOException if the address is in use
   */
  public ProducerPage(
      InetSocketAddress address,
      Collection<String> hosts,
      SynthesisClient client,
      ResultFollower follower,
      AudioStore store,
      Clock clock)
      throws IOException {
    this.client = client;
    this.follower = follower;
    this.store = store;
    this.clock = clock;
    this.guard = new PageGuard(address.getAddress(), hosts);
    threads.allowCoreThreadTimeOut(true);
    this.server = HttpServer.create(address, 0);
    server.createContext("/", exchange -> answer(exchange, ProducerPage::page));
    server.createContext("/requests", exchange -> answer(exchange, this::requests));
    server.createContext("/clips/", exchange -> answer(exchange, this::clip));
    server.setExecutor(threads);
    server.start();
  }

  private static void limit(String property, int seconds) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(seconds));
    }
  }

  public String url() {
    return "http://localhost:" + server.getAddress().getPort() + "/";
  }

  private record Answer(int status, String mediaType, byte[] body, Map<String, String> headers) {
    private Answer(int status, String mediaType, byte[] body) {
      this(status, mediaType, body, Map.of());
    }

    /** The requested range. Some browsers play audio only from a server that supports ranges. */
    private static Answer part(String mediaType, byte[] whole, String asked) {
      Optional<ByteRange> range = ByteRange.parse(asked, whole.length);
      if (range.isEmpty()) {
        return new Answer(200, mediaType, whole, Map.of("Accept-Ranges", "bytes"));
      }
      ByteRange part = range.get();
      if (part.isEmpty()) {
        return new Answer(
            416, mediaType, new byte[0], Map.of("Content-Range", "bytes */" + whole.length));
      }
      return new Answer(
          206,
          mediaType,
          Arrays.copyOfRange(whole, part.from(), part.to()),
          Map.of("Accept-Ranges", "bytes", "Content-Range", part.of(whole.length)));
    }

    private static Answer text(int status, String text) {
      return new Answer(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer json(Object json) {
      return new Answer(200, "application/json", json.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private interface Handler {
    Answer handle(HttpExchange exchange) throws IOException;
  }

  private void answer(HttpExchange exchange, Handler handler) throws IOException {
    Answer answer;
    try {
      Optional<String> refusal = guard.refusal(exchange.getRequestHeaders());
      answer = refusal.isPresent() ? Answer.text(403, refusal.get()) : handler.handle(exchange);
    } catch (IllegalArgumentException e) {
      answer = Answer.text(400, String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      LOGGER.atWarn().setCause(e).log("A page request failed");
      answer = Answer.text(502, "see the log");
    }
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", answer.mediaType());
      PageGuard.HEADERS.forEach(exchange.getResponseHeaders()::set);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          answer.status(), answer.body().length == 0 ? NO_BODY : answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }

  private static Answer page(HttpExchange exchange) throws IOException {
    String file = FILES.get(exchange.getRequestURI().getPath());
    if (file == null) {
      return Answer.text(404, "not here");
    }
    if (!exchange.getRequestMethod().equals("GET")) {
      return Answer.text(405, "GET");
    }
    String type = TYPES.get(file.substring(file.indexOf('.') + 1));
    try (InputStream in = ProducerPage.class.getResourceAsStream(file)) {
      return new Answer(200, type + "; charset=utf-8", in.readAllBytes());
    }
  }

  private Answer requests(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestMethod()) {
      case "GET":
        ArrayNode lines = JsonNodeFactory.instance.arrayNode();
        synchronized (requests) {
          requests.values().forEach(progress -> lines.insert(0, ResultLine.of(progress)));
        }
        return Answer.json(lines);
      case "POST":
        return publish(exchange);
      default:
        return Answer.text(405, "GET or POST");
    }
  }

  private Answer publish(HttpExchange exchange) throws IOException {
    // An HTML form of another site cannot send this media type, so it cannot publish from the
    // user's browser.
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.startsWith("application/json")) {
      return Answer.text(415, "application/json");
    }
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      return Answer.text(413, "a request has " + MAX_BODY_BYTES + " bytes at most");
    }
    SynthesisRequested request =
        RequestLine.parse(new String(body, StandardCharsets.UTF_8)).toEvent(clock);
    String requestId = request.getRequestId();
    follower.follow(requestId, progress -> requests.put(requestId, progress));
    requests.put(requestId, RequestProgress.of(requestId));
    try {
      client.publish(request).orTimeout(PUBLISH_TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      // The user may try again, under the same id.
      follower.unfollow(requestId);
      requests.remove(requestId);
      throw e;
    }
    return Answer.json(JsonNodeFactory.instance.objectNode().put("requestId", requestId));
  }

  private Answer clip(HttpExchange exchange) throws IOException {
    String requestId = exchange.getRequestURI().getPath().substring("/clips/".length());
    Optional<SynthesisCompleted> completed =
        Optional.ofNullable(requests.get(requestId)).flatMap(RequestProgress::completed);
    if (completed.isEmpty()) {
      return Answer.text(404, "no such clip");
    }
    return Answer.part(
        mediaType(completed.get()),
        store.read(completed.get().getAudio()),
        exchange.getRequestHeaders().getFirst("Range"));
  }

  private static String mediaType(SynthesisCompleted completed) {
    return switch (completed.getFormat()) {
      case WAV_PCM16, WAV_FLOAT -> "audio/wav";
      case FLAC -> "audio/flac";
      case OGG_OPUS -> "audio/ogg";
      case MP3 -> "audio/mpeg";
      case UNKNOWN -> "application/octet-stream";
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
