package dev.utter.speech.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Behaves like the Hugging Face hub: descriptions, lists of files in pages, small files itself and
 * large ones by a redirect to a store, which is another host. Answers can be made to fail.
 */
public final class LocalHub implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A request as it arrived. */
  public record Request(String host, String path, String authorization, String range) {}

  /** Answers instead of the hub. */
  public interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private record Model(String commit, Map<String, byte[]> files, Optional<String> gatedFor) {}

  private record Fault(String pathPart, Answer answer) {}

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "local-hub");
            thread.setDaemon(true);
            return thread;
          });
  private final HttpServer hub;
  private final HttpServer store;
  private final Map<String, Model> models = new ConcurrentHashMap<>();
  private final Map<String, byte[]> stored = new ConcurrentHashMap<>();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile int pageSize = 1000;

  public LocalHub() {
    hub = start(this::hubAnswer);
    store = start(this::storeAnswer);
  }

  private HttpServer start(Answer answer) {
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      server.setExecutor(threads);
      server.createContext("/", exchange -> handle(exchange, answer));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The hub's address. The store has the same by number, which is another host to a client. */
  public URI endpoint() {
    return URI.create("http://localhost:" + hub.getAddress().getPort());
  }

  /** The store's address. */
  URI store() {
    return URI.create("http://127.0.0.1:" + store.getAddress().getPort());
  }

  /** Publishes a model; the commit is made of its files. */
  public String publish(String id, Map<String, byte[]> files) {
    StringBuilder all = new StringBuilder();
    new TreeMap<>(files).forEach((name, bytes) -> all.append(name).append(sha256(bytes)));
    String commit = sha1(all.toString().getBytes(StandardCharsets.UTF_8));
    models.put(id, new Model(commit, new TreeMap<>(files), Optional.empty()));
    files.values().forEach(bytes -> stored.put(sha256(bytes), bytes));
    return commit;
  }

  /** Publishes the files of a folder, those of folders in it included. */
  public String publish(String id, Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(path).toString(), Files.readAllBytes(path));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return publish(id, files);
  }

  /** Makes the files of a model need one token. */
  public void gate(String id, String token) {
    Model model = models.get(id);
    models.put(id, new Model(model.commit(), model.files(), Optional.of(token)));
  }

  /** Number of files on a page of a list. */
  public void pageSize(int files) {
    pageSize = files;
  }

  /** Answers the next request whose address has this part. */
  public void next(String pathPart, Answer answer) {
    faults.add(new Fault(pathPart, answer));
  }

  /** Fails the next request with a status and headers, names and values in turn. */
  public void failNext(String pathPart, int status, String... headers) {
    next(pathPart, exchange -> refuse(exchange, status, headers));
  }

  /** Announces the whole body of the next answer, and breaks it off. */
  public void cutNext(String pathPart, byte[] content, int bytes) {
    next(
        pathPart,
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, bytes);
          exchange.getResponseBody().flush();
        });
  }

  /** All requests so far. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Requests for the contents of files, not those for lists. */
  public List<Request> downloads() {
    return requests.stream().filter(request -> !request.path().startsWith("/api/")).toList();
  }

  private void handle(HttpExchange exchange, Answer answer) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().toString();
      requests.add(
          new Request(
              exchange.getRequestHeaders().getFirst("Host").replaceAll(":.*", ""),
              path,
              exchange.getRequestHeaders().getFirst("Authorization"),
              exchange.getRequestHeaders().getFirst("Range")));
      for (Fault fault : faults) {
        if (path.contains(fault.pathPart()) && faults.remove(fault)) {
          fault.answer().to(exchange);
          return;
        }
      }
      answer.to(exchange);
    }
  }

  private void hubAnswer(HttpExchange exchange) throws IOException {
    String[] parts = exchange.getRequestURI().getRawPath().substring(1).split("/");
    boolean api = parts[0].equals("api");
    int first = api ? 2 : 0;
    Model model = models.get(parts[first] + "/" + parts[first + 1]);
    if (model == null) {
      refuse(exchange, 401, "X-Error-Code", "RepoNotFound");
    } else if (!List.of("main", model.commit()).contains(parts[first + 3])) {
      refuse(exchange, 404, "X-Error-Code", "RevisionNotFound");
    } else if (api && parts[3 + 1].equals("revision")) {
      ObjectNode about = JSON.createObjectNode().put("sha", model.commit());
      if (model.gatedFor().isPresent()) {
        about.put("gated", "auto");
      } else {
        about.put("gated", false);
      }
      send(exchange, JSON.writeValueAsBytes(about));
    } else if (api) {
      list(exchange, model);
    } else if (model.gatedFor().isPresent()
        && !("Bearer " + model.gatedFor().get())
            .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      refuse(exchange, 401, "X-Error-Code", "GatedRepo", "X-Error-Message", "Access is restricted");
    } else {
      String path =
          URLDecoder.decode(
              String.join("/", List.of(parts).subList(4, parts.length)), StandardCharsets.UTF_8);
      resolve(exchange, model, path);
    }
  }

  private void list(HttpExchange exchange, Model model) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    int begin = query.contains("&cursor=") ? Integer.parseInt(query.replaceAll(".*=", "")) : 0;
    List<String> names = List.copyOf(model.files().keySet());
    int end = Math.min(names.size(), begin + pageSize);
    ArrayNode list = JSON.createArrayNode();
    list.addObject().put("type", "directory").put("path", "somewhere").put("oid", "");
    for (String name : names.subList(begin, end)) {
      byte[] bytes = model.files().get(name);
      ObjectNode file = list.addObject();
      file.put("type", "file").put("path", name).put("size", bytes.length);
      file.put(
          "oid", gitName(isLarge(name) ? "a pointer".getBytes(StandardCharsets.UTF_8) : bytes));
      if (isLarge(name)) {
        file.putObject("lfs").put("oid", sha256(bytes)).put("size", bytes.length);
      }
    }
    if (end < names.size()) {
      exchange
          .getResponseHeaders()
          .add(
              "Link",
              "<%s%s?recursive=1&cursor=%d>; rel=\"next\""
                  .formatted(endpoint(), exchange.getRequestURI().getPath(), end));
    }
    send(exchange, JSON.writeValueAsBytes(list));
  }

  private void resolve(HttpExchange exchange, Model model, String path) throws IOException {
    byte[] bytes = model.files().get(path);
    exchange.getResponseHeaders().add("X-Repo-Commit", model.commit());
    if (bytes == null) {
      refuse(exchange, 404, "X-Error-Code", "EntryNotFound");
    } else if (isLarge(path)) {
      refuse(
          exchange,
          302,
          "Location",
          store() + "/" + sha256(bytes) + "?signature=secret",
          "X-Linked-Etag",
          "\"" + sha256(bytes) + "\"",
          "X-Linked-Size",
          String.valueOf(bytes.length));
    } else {
      send(exchange, bytes);
    }
  }

  private void storeAnswer(HttpExchange exchange) throws IOException {
    send(exchange, stored.get(exchange.getRequestURI().getPath().substring(1)));
  }

  /** Sends what the request's range asks for. */
  static void send(HttpExchange exchange, byte[] bytes) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (range != null && from >= bytes.length) {
      refuse(exchange, 416);
      return;
    }
    if (range != null) {
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    }
    int length = bytes.length - from;
    exchange.sendResponseHeaders(range == null ? 200 : 206, length == 0 ? -1 : length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(bytes, from, length);
    }
  }

  private static void refuse(HttpExchange exchange, int status, String... headers)
      throws IOException {
    for (int i = 0; i < headers.length; i += 2) {
      exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
    }
    exchange.sendResponseHeaders(status, -1);
  }

  private static boolean isLarge(String name) {
    return name.matches(".*\\.(safetensors|ckpt|pt)");
  }

  /** Name of a content in the store and in the cache, for a large file. */
  public static String sha256(byte[] bytes) {
    return hash("SHA-256", bytes);
  }

  private static String sha1(byte[] bytes) {
    return hash("SHA-1", bytes);
  }

  /** Name of a content in the cache, for a small file. */
  public static String gitName(byte[] bytes) {
    byte[] header = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[header.length + bytes.length];
    System.arraycopy(header, 0, all, 0, header.length);
    System.arraycopy(bytes, 0, all, header.length, bytes.length);
    return sha1(all);
  }

  private static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    hub.stop(0);
    store.stop(0);
    threads.shutdownNow();
  }
}
