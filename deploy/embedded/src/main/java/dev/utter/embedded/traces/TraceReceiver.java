package dev.utter.embedded.traces;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Receives spans by OTLP over HTTP, in Protocol Buffers, on the loopback interface. Names of fields
 * are those of {@code opentelemetry/proto/trace/v1/trace.proto}. Thread-safe.
 */
public final class TraceReceiver implements AutoCloseable {
  private static final String PATH = "/v1/traces";
  private static final String PROTOBUF = "application/x-protobuf";
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int ERROR = 2;

  private final List<ReceivedSpan> spans = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  private TraceReceiver(HttpServer server) {
    this.server = server;
    server.createContext(PATH, this::receive);
    server.start();
  }

  /** A receiver on a free port. */
  public static TraceReceiver start() {
    try {
      return new TraceReceiver(
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    } catch (IOException e) {
      throw new UncheckedIOException("no receiver of traces", e);
    }
  }

  /** What an exporter is given as {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What was received until now. */
  public List<ReceivedSpan> spans() {
    return List.copyOf(spans);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      int status = OK;
      if (PROTOBUF.equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
        decode(exchange.getRequestBody().readAllBytes()).forEach(spans::add);
      } else {
        status = BAD_REQUEST;
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static Stream<ReceivedSpan> decode(byte[] request) {
    return new ProtobufMessage(request)
        .messages(1).stream()
            .flatMap(
                resourceSpans -> {
                  Map<String, String> resource =
                      resourceSpans.message(1).map(found -> attributes(found, 1)).orElse(Map.of());
                  return resourceSpans.messages(2).stream()
                      .flatMap(scopeSpans -> scopeSpans.messages(2).stream())
                      .map(span -> span(span, resource));
                });
  }

  private static ReceivedSpan span(ProtobufMessage span, Map<String, String> resource) {
    return new ReceivedSpan(
        span.hex(1).orElseThrow(),
        span.hex(2).orElseThrow(),
        span.hex(4),
        span.text(5).orElse(""),
        ReceivedSpan.Kind.values()[(int) span.number(6).orElse(0)],
        attributes(span, 9),
        span.messages(13).stream()
            .map(link -> new ReceivedSpan.Link(link.hex(1).orElse(""), link.hex(2).orElse("")))
            .toList(),
        span.message(15).map(status -> status.number(3).orElse(0) == ERROR).orElse(false),
        resource);
  }

  private static Map<String, String> attributes(ProtobufMessage message, int field) {
    Map<String, String> attributes = new HashMap<>();
    for (ProtobufMessage attribute : message.messages(field)) {
      attributes.put(
          attribute.text(1).orElse(""), attribute.message(2).map(TraceReceiver::value).orElse(""));
    }
    return attributes;
  }

  /** Text, truth value or whole number. */
  private static String value(ProtobufMessage any) {
    return any.text(1)
        .orElseGet(
            () ->
                any.number(2).isPresent()
                    ? Boolean.toString(any.number(2).getAsLong() != 0)
                    : Long.toString(any.number(3).orElse(0)));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
