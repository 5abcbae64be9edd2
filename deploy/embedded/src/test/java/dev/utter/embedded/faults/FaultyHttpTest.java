package dev.utter.embedded.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultyHttpTest {
  private static final long PATIENCE_SECONDS = 20;

  private final List<String> served = new CopyOnWriteArrayList<>();
  private final List<String> answered = new CopyOnWriteArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer server;
  private FaultyHttp proxy;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          String said =
              exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath() + " " + body;
          served.add(said);
          byte[] answer = said.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    proxy =
        new FaultyHttp(
            server.getAddress().getPort(),
            (exchange, status) -> answered.add(exchange.client() + " " + status));
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.stop(0);
  }

  @Test
  void requestsAndAnswersPassWithTheNameOfTheirClient() throws Exception {
    // When
    HttpResponse<String> answer = put("one", "/a?x=y");

    // Then
    assertThat(answer.body()).isEqualTo("PUT /a content");
    assertThat(answered).containsExactly("one 200");
  }

  @Test
  void aRefusedObjectIsAnsweredWithoutTheServer() throws Exception {
    // Given
    proxy.add(Interception.refuse(exchange -> exchange.path().equals("/a"), 403, "AccessDenied"));

    // When
    HttpResponse<String> refused = put("one", "/a");
    HttpResponse<String> other = put("one", "/b");

    // Then
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("<Code>AccessDenied</Code>");
    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(served).containsExactly("PUT /b content");
  }

  @Test
  void aHeldRequestArrivesWhenItIsReleased() throws Exception {
    // Given
    Interception held = Interception.holdRequest(exchange -> true);
    proxy.add(held);

    // When
    CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request("one", "/a"), text());
    Exchange met = held.met().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    List<String> before = List.copyOf(served);
    proxy.remove(held);

    // Then
    assertThat(met).isEqualTo(new Exchange("one", "PUT", "/a"));
    assertThat(before).isEmpty();
    assertThat(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(served).hasSize(1);
  }

  @Test
  void aHeldAnswerIsOneThatTheServerHasGiven() throws Exception {
    // Given
    Interception held = Interception.holdAnswer(exchange -> true);
    proxy.add(held);

    // When
    CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request("one", "/a"), text());
    held.met().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    // Then
    assertThat(served).hasSize(1);
    assertThat(answer).isNotDone();
    held.release();
    assertThat(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void aConnectionIsCutBeforeOrAfterTheServerDidItsWork() {
    // Given
    proxy.add(Interception.cutBefore(exchange -> exchange.path().equals("/before")));
    proxy.add(Interception.cutAfter(exchange -> exchange.path().equals("/after")));

    // Then
    assertThatThrownBy(() -> put("one", "/before")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> put("one", "/after")).isInstanceOf(IOException.class);
    assertThat(served).isNotEmpty().allSatisfy(said -> assertThat(said).contains("/after"));
  }

  @Test
  void aServerThatIsDownRefusesConnectionsUntilItIsUpAgainOnTheSamePort() throws Exception {
    // Given
    String url = proxy.url("one");
    proxy.refuse();

    // Then
    assertThatThrownBy(() -> put("one", "/a")).isInstanceOf(IOException.class);
    proxy.accept();
    assertThat(put("one", "/a").statusCode()).isEqualTo(200);
    assertThat(proxy.url("one")).isEqualTo(url);
  }

  @Test
  void aDelayedRequestIsAnsweredLate() throws Exception {
    // Given
    Duration delay = Duration.ofMillis(300);
    proxy.add(Interception.delay(exchange -> true, delay));

    // When
    long start = System.nanoTime();
    put("one", "/a");

    // Then
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(delay);
  }

  private HttpResponse<String> put(String client, String path) throws Exception {
    return http.send(request(client, path), text());
  }

  private HttpRequest request(String client, String path) {
    return HttpRequest.newBuilder(URI.create(proxy.url(client) + path))
        .PUT(HttpRequest.BodyPublishers.ofString("content"))
        .build();
  }

  private static HttpResponse.BodyHandler<String> text() {
    return BodyHandlers.ofString();
  }
}
