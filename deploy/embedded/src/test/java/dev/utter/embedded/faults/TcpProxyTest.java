package dev.utter.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.ThreadsInUse;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TcpProxyTest {
  private static final int PATIENCE_MILLIS = 10_000;

  private final ThreadsInUse threads = new ThreadsInUse();
  private ServerSocket echo;
  private Thread server;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(LoopbackPorts.free(), 50, InetAddress.getByName("127.0.0.1"));
    server = new Thread(this::echoAll, "echo");
    server.setDaemon(true);
    server.start();
    proxy = TcpProxy.start(echo.getLocalPort());
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    closeEcho();
    threads.awaitNoOthers();
  }

  @Test
  void passesBytesBothWays() throws IOException {
    try (Socket client = connect()) {
      client.getOutputStream().write(7);

      assertThat(client.getInputStream().read()).isEqualTo(7);
    }
  }

  @Test
  void holdsBytesBackWhilePausedAndLosesNone() throws IOException {
    try (Socket client = connect()) {
      // Given
      client.setSoTimeout(200);
      proxy.pause();

      // When
      client.getOutputStream().write(7);

      // Then
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);

      // When
      client.setSoTimeout(PATIENCE_MILLIS);
      proxy.resume();

      // Then
      assertThat(client.getInputStream().read()).isEqualTo(7);
    }
  }

  @Test
  void cutsOpenConnectionsAndTakesNewOnes() throws IOException {
    try (Socket client = connect()) {
      // Given
      client.getOutputStream().write(7);
      assertThat(client.getInputStream().read()).isEqualTo(7);

      // When
      proxy.cut();

      // Then
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      passesBytesBothWays();
    }
  }

  @Test
  void closesTheClientsWhereTheServerIsGone() throws Exception {
    // Given
    closeEcho();

    // When
    try (Socket client = connect()) {
      // Then
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getByName("127.0.0.1"), proxy.port());
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }

  /** A thread that waits in accept still takes one connection after close, until it has woken. */
  private void closeEcho() throws Exception {
    echo.close();
    server.join();
  }

  private void echoAll() {
    try {
      while (true) {
        Socket socket = echo.accept();
        Thread thread =
            new Thread(
                () -> {
                  try (socket) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                  } catch (IOException ended) {
                    // The proxy cut the connection.
                  }
                },
                "echo-connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }
}
