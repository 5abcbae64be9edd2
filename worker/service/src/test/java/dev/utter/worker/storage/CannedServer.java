package dev.utter.worker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A server that gives answers that a real store gives rarely. */
public final class CannedServer implements AutoCloseable {
  private final HttpServer server;

  public CannedServer(HttpHandler handler) throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", handler);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A store none of whose buckets is the worker's. */
  public ObjectStore store() {
    return store(OwnBuckets.NONE);
  }

  public ObjectStore store(OwnBuckets own) {
    return ObjectStore.of(
        StorageFixture.settings(url(), new StorageCredentials("key", "secret-key")), own);
  }

  public static void answer(HttpExchange exchange, int status, String body) throws IOException {
    answer(exchange, status, "application/xml", body);
  }

  /** Answers; no body where there can be none. */
  public static void answer(HttpExchange exchange, int status, String mediaType, String body)
      throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getRequestBody().readAllBytes();
    if (!mediaType.isEmpty()) {
      exchange.getResponseHeaders().set("Content-Type", mediaType);
    }
    boolean bare = exchange.getRequestMethod().equals("HEAD") || bytes.length == 0 || status == 304;
    exchange.sendResponseHeaders(status, bare ? -1 : bytes.length);
    if (!bare) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  /** An error as S3 writes it. */
  public static String error(String code) {
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>No.</Message></Error>";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
