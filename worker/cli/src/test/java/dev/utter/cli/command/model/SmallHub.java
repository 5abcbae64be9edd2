package dev.utter.cli.command.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A hub with models, each the files of a folder, which can require a token. */
final class SmallHub implements AutoCloseable {
  static final String COMMIT = "c92a71e1c419772e25be7dc14d952c2521a740ab";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<String> token;
  private final HttpServer server;

  SmallHub(Path folder, Optional<String> token) {
    this(Map.of("sesame/csm-1b", folder), token);
  }

  SmallHub(Map<String, Path> models, Optional<String> token) {
    this.token = token;
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      for (Map.Entry<String, Path> model : models.entrySet()) {
        publish(model.getKey(), read(model.getValue()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.start();
  }

  private void publish(String id, Map<String, byte[]> files) {
    String contents = "/" + id + "/resolve/" + COMMIT + "/";
    server.createContext("/api/models/" + id + "/revision/", SmallHub::describe);
    server.createContext("/api/models/" + id + "/tree/", exchange -> list(exchange, files));
    server.createContext(
        contents,
        exchange -> {
          String path = exchange.getRequestURI().getPath().substring(contents.length());
          send(exchange, files.get(path));
        });
  }

  private static Map<String, byte[]> read(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
      }
    }
    return files;
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static void describe(HttpExchange exchange) throws IOException {
    answer(exchange, JSON.createObjectNode().put("sha", COMMIT).put("gated", "auto").toString());
  }

  private static void list(HttpExchange exchange, Map<String, byte[]> files) throws IOException {
    ArrayNode list = JSON.createArrayNode();
    files.forEach(
        (name, bytes) ->
            list.addObject()
                .put("type", "file")
                .put("path", name)
                .putObject("lfs")
                .put("oid", sha256(bytes))
                .put("size", bytes.length));
    answer(exchange, list.toString());
  }

  private void send(HttpExchange exchange, byte[] content) throws IOException {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    if (token.isPresent() && !("Bearer " + token.get()).equals(given)) {
      exchange.getResponseHeaders().add("X-Error-Code", "GatedRepo");
      exchange.sendResponseHeaders(401, -1);
      exchange.close();
      return;
    }
    answer(exchange, content);
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    answer(exchange, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, byte[] bytes) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
