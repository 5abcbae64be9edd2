package dev.utter.worker.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Answers each request with the same bytes, whether they are HTTP or not, and hangs up. Requests
 * have no body.
 */
public final class RawServer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final ServerSocket listener;
  private volatile byte[] answer = new byte[0];

  public RawServer() {
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::serve, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  public String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** From now on. */
  public void answer(byte[] bytes) {
    answer = bytes.clone();
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        socket.setSoTimeout(PATIENCE_MILLIS);
        readHead(socket.getInputStream());
        socket.getOutputStream().write(answer);
      } catch (IOException e) {
        // The client has hung up, or the server is closed.
      }
    }
  }

  private static void readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (head.indexOf("\r\n\r\n") < 0) {
      int read = in.read(buffer);
      if (read < 0) {
        return;
      }
      head.append(new String(buffer, 0, read, ISO_8859_1));
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
