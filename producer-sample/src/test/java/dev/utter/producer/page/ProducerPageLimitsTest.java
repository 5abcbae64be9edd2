package dev.utter.producer.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.SharedStack;
import dev.utter.producer.Main;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page with clients that do not finish. It runs in a separate process: the limits of the JDK's
 * server apply to a whole process, and the test's process has other servers.
 */
@Tag("integration")
class ProducerPageLimitsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern OPEN = Pattern.compile("Open http://localhost:(\\d+)/");

  @TempDir Path folder;
  private Process page;
  private int port;

  @BeforeEach
  void start() throws IOException {
    EmbeddedStack stack = SharedStack.get();
    Path said = folder.resolve("said");
    ProcessBuilder process =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "produce",
            "--page",
            "0",
            "--bootstrap-servers",
            stack.bootstrapServers(),
            "--registry-url",
            stack.schemaRegistryUrl(),
            "--storage-endpoint",
            stack.s3Endpoint());
    process.environment().put("UTTER_STORAGE_ACCESS_KEY", stack.s3AccessKey());
    process.environment().put("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey());
    page = process.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    await()
        .atMost(PATIENCE)
        .failFast(() -> assertThat(page.isAlive()).as(() -> text(said)).isTrue())
        .until(() -> OPEN.matcher(text(said)).find());
    Matcher open = OPEN.matcher(text(said));
    assertThat(open.find()).isTrue();
    port = Integer.parseInt(open.group(1));
  }

  @AfterEach
  void stop() throws InterruptedException {
    page.destroy();
    page.waitFor();
  }

  @Test
  void aHalfSentRequestIsEndedAndBlocksNoOthers() throws Exception {
    List<Socket> strangers = new ArrayList<>();
    try {
      // Given
      for (int i = 0; i < 20; i++) {
        strangers.add(stranger("GET /"));
        strangers.add(
            stranger(
                "POST /requests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 100\r\n\r\n{"));
      }

      // Then
      assertThat(status()).isEqualTo(200);
      for (Socket stranger : strangers) {
        stranger.setSoTimeout((int) PATIENCE.toMillis());
        assertThat(isEnded(stranger)).isTrue();
      }
      assertThat(status()).isEqualTo(200);
    } finally {
      for (Socket stranger : strangers) {
        stranger.close();
      }
    }
  }

  private static boolean isEnded(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketException reset) {
      return true;
    }
  }

  private Socket stranger(String sends) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.getOutputStream().write(sends.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private int status() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/"))
            .timeout(PATIENCE)
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
