package dev.utter.embedded.faults;

import dev.utter.embedded.host.LoopbackPorts;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP proxy before a server of this machine, with a port for each client. It can delay, hold
 * back, refuse or cut single requests. Every connection carries one request. Methods may be called
 * from any thread.
 */
public final class FaultyHttp implements AutoCloseable {
  private static final int MAX_HEAD_BYTES = 65_536;
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

  /** Receives every answer that reached the proxy, even if the client did not get it. */
  @FunctionalInterface
  public interface Log {
    /** The server answered. */
    void answered(Exchange exchange, int status);
  }

  private record Request(Exchange exchange, List<String> headers, String target, byte[] body) {}

  private final int target;
  private final Log log;
  private final Map<String, Integer> ports = new ConcurrentHashMap<>();
  private final Map<String, ServerSocket> listeners = new ConcurrentHashMap<>();
  private final List<Interception> interceptions = new CopyOnWriteArrayList<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "faulty-http");
            thread.setDaemon(true);
            return thread;
          });
  private boolean refusing;

  /** Makes a proxy, without ports for clients, before a port of this machine. */
  public FaultyHttp(int target, Log log) {
    this.target = target;
    this.log = log;
  }

  /** URL for a client; the same for each call with the same client. */
  public synchronized String url(String client) {
    int port = ports.computeIfAbsent(client, name -> LoopbackPorts.free());
    if (!refusing && !listeners.containsKey(client)) {
      listen(client, port);
    }
    return "http://127.0.0.1:" + port;
  }

  /** Adds an interception. A request is handled by the first interception that matches it. */
  public void add(Interception interception) {
    interceptions.add(interception);
  }

  /** Removes an interception; the requests and answers that it holds back go on. */
  public void remove(Interception interception) {
    interceptions.remove(interception);
    interception.release();
  }

  /** Closes all ports and connections: the server is down. */
  public synchronized void refuse() {
    refusing = true;
    listeners.values().forEach(FaultyHttp::closeQuietly);
    listeners.clear();
    sockets.forEach(FaultyHttp::closeQuietly);
  }

  /** Opens the ports again. */
  public synchronized void accept() {
    refusing = false;
    ports.forEach(this::listen);
  }

  private void listen(String client, int port) {
    try {
      ServerSocket listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(loopback(), port));
      listeners.put(client, listener);
      threads.execute(() -> acceptAll(client, listener));
    } catch (IOException e) {
      throw new UncheckedIOException("the proxy cannot use port " + port, e);
    }
  }

  private void acceptAll(String client, ServerSocket listener) {
    while (!listener.isClosed()) {
      try {
        taken(client, listener, listener.accept());
      } catch (IOException closed) {
        // The loop ends if the listener was closed.
      }
    }
  }

  /** A thread that waits in accept can still take a connection after its listener was closed. */
  private synchronized void taken(String client, ServerSocket listener, Socket socket) {
    if (listener.isClosed()) {
      closeQuietly(socket);
      return;
    }
    sockets.add(socket);
    threads.execute(() -> serve(client, socket));
  }

  private void serve(String client, Socket socket) {
    try (socket) {
      Optional<Request> request = read(client, socket);
      if (request.isPresent()) {
        pass(request.get(), socket);
      }
    } catch (IOException e) {
      // One end closed the connection, which is expected here.
    } finally {
      sockets.remove(socket);
    }
  }

  private void pass(Request request, Socket client) throws IOException {
    Exchange exchange = request.exchange();
    Optional<Interception> met =
        interceptions.stream().filter(interception -> interception.wants(exchange)).findFirst();
    if (met.isEmpty()) {
      client.getOutputStream().write(forward(request));
      return;
    }
    Interception interception = met.get();
    switch (interception.action()) {
      case DELAY -> {
        interception.metBy(exchange);
        pause(interception.delay().toMillis());
        client.getOutputStream().write(forward(request));
      }
      case CUT_BEFORE -> interception.metBy(exchange);
      case CUT_AFTER -> {
        forward(request);
        interception.metBy(exchange);
      }
      case ANSWER -> {
        interception.metBy(exchange);
        client.getOutputStream().write(interception.answer(exchange).orElseThrow());
      }
      case HOLD_REQUEST -> {
        interception.metBy(exchange);
        interception.awaitRelease();
        client.getOutputStream().write(forward(request));
      }
      case HOLD_ANSWER -> {
        byte[] answer = forward(request);
        interception.metBy(exchange);
        interception.awaitRelease();
        client.getOutputStream().write(answer);
      }
    }
  }

  private byte[] forward(Request request) throws IOException {
    try (Socket server = new Socket(loopback(), target)) {
      StringBuilder head = new StringBuilder(request.exchange().method());
      head.append(' ').append(request.target()).append(" HTTP/1.1\r\n");
      request.headers().forEach(header -> head.append(header).append("\r\n"));
      head.append("Connection: close\r\n\r\n");
      server.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      server.getOutputStream().write(request.body());
      server.getOutputStream().flush();
      byte[] answer = server.getInputStream().readAllBytes();
      log.answered(request.exchange(), status(answer));
      return answer;
    }
  }

  private static int status(byte[] answer) {
    String start = new String(answer, 0, Math.min(answer.length, 12), StandardCharsets.ISO_8859_1);
    return start.matches("HTTP/1\\.. \\d{3}") ? Integer.parseInt(start.substring(9)) : 0;
  }

  private static Optional<Request> read(String client, Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    String head = readHead(in);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    List<String> lines = List.of(head.split("\r\n"));
    String[] first = lines.get(0).split(" ");
    List<String> headers = lines.subList(1, lines.size());
    if (header(headers, "Expect").isPresent()) {
      socket.getOutputStream().write(CONTINUE.getBytes(StandardCharsets.ISO_8859_1));
    }
    int length = header(headers, "Content-Length").map(Integer::parseInt).orElse(0);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the request ends early");
    }
    String path = first[1].split("\\?")[0];
    return Optional.of(
        new Request(
            new Exchange(client, first[0], path),
            headers.stream()
                .filter(line -> !isHeader(line, "Connection") && !isHeader(line, "Expect"))
                .toList(),
            first[1],
            body));
  }

  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    byte[] end = {'\r', '\n', '\r', '\n'};
    while (matched < end.length && head.size() < MAX_HEAD_BYTES) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      matched = next == end[matched] ? matched + 1 : next == end[0] ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static Optional<String> header(List<String> headers, String name) {
    return headers.stream()
        .filter(line -> isHeader(line, name))
        .map(line -> line.substring(name.length() + 1).trim())
        .findFirst();
  }

  private static boolean isHeader(String line, String name) {
    return line.regionMatches(true, 0, name + ":", 0, name.length() + 1);
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByName("127.0.0.1");
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception alreadyGone) {
      // The socket is closed already.
    }
  }

  @Override
  public void close() {
    refuse();
    interceptions.forEach(Interception::release);
    threads.shutdownNow();
  }
}
