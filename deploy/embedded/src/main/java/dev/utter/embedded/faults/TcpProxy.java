package dev.utter.embedded.faults;

import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP proxy on a loopback port that can hold back or cut traffic, to test clients against a
 * failing network. {@link #pause()} acts as a peer that does not answer, {@link #cut()} as a
 * connection reset in the middle of a message.
 *
 * <p>Methods may be called from any thread. A pause holds whole chunks back and loses none.
 */
public final class TcpProxy implements AutoCloseable {
  private static final int CHUNK_BYTES = 8_192;

  private final InetSocketAddress target;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private boolean paused;
  private volatile boolean closed;

  private TcpProxy(InetSocketAddress target, ServerSocket listener) {
    this.target = target;
    this.listener = listener;
  }

  /**
   * Starts a proxy before a port of this machine.
   *
   * @param targetPort port on 127.0.0.1 to which connections are passed on
   */
  public static TcpProxy start(int targetPort) {
    try {
      ServerSocket listener = new ServerSocket();
      listener.bind(new InetSocketAddress(loopback(), LoopbackPorts.free()));
      TcpProxy proxy = new TcpProxy(new InetSocketAddress(loopback(), targetPort), listener);
      proxy.run("accept", proxy::acceptAll);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("the proxy did not start", e);
    }
  }

  /** The port that clients connect to. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Holds back all traffic in both directions until {@link #resume()}. Connections stay open. */
  public void pause() {
    synchronized (gate) {
      paused = true;
    }
  }

  /** Passes on the traffic that was held back and all later traffic. */
  public void resume() {
    synchronized (gate) {
      paused = false;
      gate.notifyAll();
    }
  }

  /** Closes every open connection; new ones are accepted. */
  public void cut() {
    sockets.forEach(TcpProxy::closeQuietly);
  }

  /** Closes the port and every connection and waits for the threads to end. */
  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the proxy did not close", e);
    }
    resume();
    cut();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptAll() throws IOException {
    while (true) {
      Socket client = listener.accept();
      sockets.add(client);
      Socket server = new Socket();
      sockets.add(server);
      try {
        server.connect(target);
      } catch (IOException refused) {
        forget(client, server);
        continue;
      }
      run("to-server", () -> pump(client, server));
      run("to-client", () -> pump(server, client));
      if (closed) {
        cut();
      }
    }
  }

  private void pump(Socket from, Socket to) throws IOException {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        awaitOpenGate();
        out.write(chunk, 0, n);
      }
    } finally {
      forget(from, to);
    }
  }

  private void awaitOpenGate() throws IOException {
    synchronized (gate) {
      while (paused) {
        try {
          gate.wait();
        } catch (InterruptedException e) {
          throw new IOException("interrupted while paused", e);
        }
      }
    }
  }

  private void forget(Socket... ended) {
    for (Socket socket : ended) {
      closeQuietly(socket);
      sockets.remove(socket);
    }
  }

  private void run(String name, Traffic traffic) {
    Thread thread =
        new Thread(
            () -> {
              try {
                traffic.run();
              } catch (IOException ended) {
                // One end closed the connection, or the proxy was closed. Both are expected here.
              } finally {
                threads.remove(Thread.currentThread());
              }
            },
            "tcp-proxy-" + port() + "-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByName("127.0.0.1");
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // The socket is closed already.
    }
  }

  private interface Traffic {
    void run() throws IOException;
  }
}
