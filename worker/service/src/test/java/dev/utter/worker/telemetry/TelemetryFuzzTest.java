package dev.utter.worker.telemetry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Untrusted requests to the port of health and metrics. */
class TelemetryFuzzTest {
  private static final TelemetryServer SERVER =
      TelemetryServer.start("127.0.0.1", 0, health(), format -> "metrics\n", new RecordedDrain());
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int MAX_HEAD_BYTES = 8_192;
  private static final Pattern ANSWER =
      Pattern.compile(
          "HTTP/1\\.1 (200|400|403|404|405|431) [A-Za-z ]+\r\nContent-Type: [^\r\n]+\r\n"
              + "Content-Length: (\\d+)\r\nConnection: close\r\n\r\n(.*)",
          Pattern.DOTALL);

  @FuzzTest
  void aRequestIsAnsweredOrNotWhole(byte[] request) throws IOException {
    String sent = new String(request, ISO_8859_1);
    boolean whole =
        sent.contains("\r\n\r\n") || sent.contains("\n\n") || request.length >= MAX_HEAD_BYTES;
    String answer = answer(request);
    Matcher matcher = ANSWER.matcher(answer);
    if (matcher.matches()
        ? !whole || matcher.group(3).length() != Integer.parseInt(matcher.group(2))
        : whole || !answer.isEmpty()) {
      throw new AssertionError("answered: " + answer);
    }
  }

  /** Empty if the server ends the connection instead. */
  private static String answer(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      // Leaves no port behind that waits.
      socket.setSoLinger(true, 0);
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (SocketException e) {
      return "";
    }
  }

  private static Health health() {
    return new Health() {
      @Override
      public Optional<String> broken() {
        return Optional.empty();
      }

      @Override
      public Map<String, Optional<String>> parts() {
        return Map.of("admission", Optional.empty());
      }
    };
  }
}
