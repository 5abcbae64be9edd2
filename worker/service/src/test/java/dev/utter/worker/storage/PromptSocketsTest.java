package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptSocketsTest {
  private final PromptSockets sockets = new PromptSockets();

  @Test
  void everySocketSendsAtOnce() throws IOException {
    // Given
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 10, loopback)) {
      int port = server.getLocalPort();

      // When
      List<Socket> made =
          List.of(
              sockets.createSocket(),
              sockets.createSocket(loopback, port),
              sockets.createSocket(loopback.getHostAddress(), port),
              sockets.createSocket(loopback, port, loopback, 0),
              sockets.createSocket(loopback.getHostAddress(), port, loopback, 0));

      // Then
      for (Socket socket : made) {
        try (socket) {
          assertThat(socket.getTcpNoDelay()).isTrue();
        }
      }
    }
  }
}
