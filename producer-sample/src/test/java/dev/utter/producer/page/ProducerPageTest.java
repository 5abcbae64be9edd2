package dev.utter.producer.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.SharedStack;
import dev.utter.events.Topics;
import dev.utter.producer.client.AudioStore;
import dev.utter.producer.client.ResultFollower;
import dev.utter.producer.client.SynthesisClient;
import dev.utter.producer.client.WorkerSide;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class ProducerPageTest {
  @TempDir Path folder;
  private static final HttpClient browser = HttpClient.newHttpClient();
  private static SynthesisClient client;
  private static ResultFollower follower;
  private static AudioStore store;
  private static ProducerPage page;

  @BeforeAll
  static void open() throws IOException {
    client = new SynthesisClient(WorkerSide.kafka());
    follower = new ResultFollower(WorkerSide.kafka());
    store = new AudioStore(WorkerSide.storage());
    page =
        new ProducerPage(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            List.of("studio.example"),
            client,
            follower,
            store,
            Clock.systemUTC());
  }

  @AfterAll
  static void close() throws IOException {
    page.close();
    store.close();
    follower.close();
    client.close();
  }

  @Test
  void aRequestGoesOutAndItsClipComesBack() throws Exception {
    // Given
    SharedStack.get().createBucket("utter");
    Path clip = Files.write(folder.resolve("clip"), new byte[] {1, 2, 3});

    // When
    String requestId =
        post("application/json", "{\"text\": \"Hello.\"}").path("requestId").asText();
    store.upload(clip, "utter", "clips/" + requestId + ".wav");
    try (WorkerSide worker = new WorkerSide()) {
      worker.complete(requestId, "0".repeat(64));
    }

    // Then
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        new ObjectMapper()
                            .readTree(get("requests").body())
                            .path(0)
                            .path("state")
                            .asText())
                    .isEqualTo("VERIFIED"));
    assertThat(WorkerSide.events(Topics.REQUESTS, requestId)).hasSize(1);
    HttpResponse<byte[]> whole = get("clips/" + requestId);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.headers().firstValue("Accept-Ranges")).contains("bytes");
    assertThat(whole.body()).isEqualTo(new byte[] {1, 2, 3});
    HttpResponse<byte[]> part = get("clips/" + requestId, "bytes=0-1");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 0-1/3");
    assertThat(part.body()).isEqualTo(new byte[] {1, 2});
    assertThat(get("clips/" + requestId, "bytes=7-").statusCode()).isEqualTo(416);
  }

  @Test
  void thePageIsServedAndNothingElse() throws Exception {
    assertThat(new String(get("").body(), StandardCharsets.UTF_8)).contains("<title>Utter</title>");
    assertThat(get("other").statusCode()).isEqualTo(404);
    assertThat(get("clips/unknown").statusCode()).isEqualTo(404);
  }

  @Test
  void nothingOfThePageIsInlineAndItsPolicyForbidsThatAndFrames() throws Exception {
    // When
    HttpResponse<byte[]> whole = get("");

    // Then
    assertThat(whole.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(whole.headers().firstValue("X-Frame-Options")).contains("DENY");
    assertThat(new String(whole.body(), StandardCharsets.UTF_8))
        .doesNotContain("<style", "style=", "onclick")
        .doesNotContainPattern("<script(?![^>]* src=)");
    assertThat(get("page.css").headers().firstValue("Content-Type"))
        .contains("text/css; charset=utf-8");
    assertThat(get("page.js").headers().firstValue("Content-Type"))
        .contains("text/javascript; charset=utf-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:8090", "[::1]:8090", "STUDIO.example:443"})
  void aBrowserThatUsesANameOfThisMachineIsServed(String host) throws Exception {
    assertThat(raw("GET / HTTP/1.1\r\nHost: " + host)).startsWith("HTTP/1.1 200 ");
    assertThat(raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nOrigin: https://" + host))
        .startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.test:8090",
        "Host: localhost.evil.test",
        "Host: localhost\r\nHost: evil.test",
        "Host: localhost:8090\r\nOrigin: http://evil.test:8090",
        "Host: localhost:8090\r\nOrigin: http://localhost:9000",
        "Host: localhost:8090\r\nOrigin: null",
        "Accept: */*"
      })
  void whatAnotherSiteSendsIsRefused(String headers) throws Exception {
    // Given
    String body = "{\"requestId\": \"rebound\", \"text\": \"a\"}";

    // Then
    assertThat(raw("GET /requests HTTP/1.1\r\n" + headers)).startsWith("HTTP/1.1 403 ");
    assertThat(
            raw(
                "POST /requests HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length()
                    + "\r\n"
                    + headers,
                body))
        .startsWith("HTTP/1.1 403 ");
    assertThat(WorkerSide.events(Topics.REQUESTS, "rebound")).isEmpty();
  }

  @Test
  void aBodyThatIsTooLongIsRefused() throws Exception {
    assertThat(send("application/json", " ".repeat((1 << 20) + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void aBadRequestIsAnsweredWithWhatIsWrong() throws Exception {
    assertThat(send("application/json", "{\"speaker\": 1}").statusCode()).isEqualTo(400);
    HttpResponse<byte[]> withoutBucket =
        send("application/json", "{\"text\":\"a\",\"context\":[{\"text\":\"b\",\"key\":\"k\"}]}");
    assertThat(withoutBucket.statusCode()).isEqualTo(400);
    assertThat(new String(withoutBucket.body(), StandardCharsets.UTF_8))
        .contains("context[0].bucket");
    assertThat(send("text/plain", "{\"text\": \"a\"}").statusCode()).isEqualTo(415);
  }

  private String raw(String head) throws IOException {
    return raw(head, "");
  }

  private String raw(String head, String body) throws IOException {
    URI uri = URI.create(page.url());
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      socket
          .getOutputStream()
          .write(
              (head + "\r\nConnection: close\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private JsonNode post(String type, String body) throws Exception {
    return new ObjectMapper().readTree(send(type, body).body());
  }

  private HttpResponse<byte[]> send(String type, String body) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create(page.url() + "requests"))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(String path, String range) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create(page.url() + path)).header("Range", range).build(),
        BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return browser.send(
        HttpRequest.newBuilder(URI.create(page.url() + path)).build(), BodyHandlers.ofByteArray());
  }
}
