package dev.utter.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.FailureCode;
import dev.utter.events.Verdict;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.FinishReason;
import dev.utter.speech.Speech;
import dev.utter.speech.audio.AudioClip;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.telemetry.metrics.WorkerMetrics;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TelemetryServerTest {
  private final Map<String, Optional<String>> parts = new LinkedHashMap<>();
  private final WorkerMetrics metrics = new WorkerMetrics("worker-1");
  private volatile Function<MetricsFormat, String> metricsText = metrics::scrape;
  private volatile Optional<String> broken = Optional.empty();
  private final RecordedDrain drain = new RecordedDrain();
  private final TelemetryServer server =
      TelemetryServer.start("127.0.0.1", 0, health(), format -> metricsText.apply(format), drain);

  @AfterEach
  void close() {
    server.close();
    metrics.close();
  }

  @Test
  void readyWhenEveryPartIs() throws Exception {
    // Given
    parts.put("admission", Optional.empty());
    parts.put("storage", Optional.of("s3.internal does not answer"));

    // When
    HttpResponse<String> before = get("/health/ready");
    parts.put("storage", Optional.empty());
    HttpResponse<String> after = get("/health/ready");

    // Then
    assertThat(before.statusCode()).isEqualTo(503);
    assertThat(before.body()).isEqualTo("admission: ready\nstorage: not ready\n");
    assertThat(after.statusCode()).isEqualTo(200);
  }

  @Test
  void liveUntilBroken() throws Exception {
    // Given
    parts.put("admission", Optional.of("still starting"));
    HttpResponse<String> before = get("/health/live");

    // When
    broken = Optional.of("out of memory");

    // Then
    assertThat(before.statusCode()).isEqualTo(200);
    assertThat(get("/health/live").statusCode()).isEqualTo(503);
    assertThat(get("/health/live").body()).isEqualTo("broken\n");
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
  }

  @Test
  void theReportsOfTheStagesCanBeScraped() throws Exception {
    // When
    metrics.admission().refused(FailureCode.INVALID_REQUEST);
    metrics.admission().deadLetter("utter.requests");
    metrics.verification().checked(Verdict.MATCH, 0.97f, Duration.ofMillis(120));
    metrics.intake(taken -> {}).lag("utter.work.bulk", 7);
    metrics.synthesis().generated(speech(25), Duration.ofSeconds(1));
    metrics.synthesis().codes(true);

    // Then
    String scraped = get("/metrics").body();
    assertThat(scraped)
        .contains("utter_admission_refused_total{code=\"INVALID_REQUEST\",worker=\"worker-1\"} 1.0")
        .contains("utter_dead_letters_total{topic=\"utter.requests\",worker=\"worker-1\"} 1.0")
        .contains("utter_intake_lag{lane=\"utter.work.bulk\",worker=\"worker-1\"} 7.0")
        .contains("utter_synthesis_frames_total{worker=\"worker-1\"} 25.0")
        .contains(
            "utter_synthesis_codes_cache_total{result=\"hit\",worker=\"worker-1\"} 1.0",
            "utter_synthesis_first_frame_time_seconds_count{worker=\"worker-1\"} 1",
            "utter_synthesis_audio_seconds_total{worker=\"worker-1\"} 2.0")
        .contains("utter_verifications_total{verdict=\"MATCH\",worker=\"worker-1\"} 1.0")
        .contains("utter_watermark_confidence_count{where=\"stored\",worker=\"worker-1\"} 1")
        .contains("jvm_memory_used_bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "text/html, Application/OpenMetrics-Text; version=1.0.0; charset=utf-8"
      })
  void aClientThatPrefersOpenMetricsGetsIt(String accepted) throws Exception {
    // Given
    metrics.admission().refused(FailureCode.INVALID_REQUEST);

    // When
    HttpResponse<String> answer = get("/metrics", accepted);

    // Then
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(answer.body())
        .contains("# TYPE utter_admission_refused counter")
        .contains("utter_admission_refused_total{code=\"INVALID_REQUEST\",worker=\"worker-1\"} 1.0")
        .contains("utter_build_info{")
        .endsWith("# EOF\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/*",
        "text/plain",
        "application/json",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=0.1, text/plain;q=0.2",
        "application/openmetrics-text;q=many",
        ", ;q=1, application/openmetrics-texts"
      })
  void everyOtherClientGetsText(String accepted) throws Exception {
    // When
    HttpResponse<String> answer = get("/metrics", accepted);

    // Then
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body()).doesNotContain("# EOF");
  }

  @Test
  void bothFormatsHaveTheSameSeries() {
    // Given
    metrics.admission();
    metrics.verification().checked(Verdict.MATCH, 0.97f, Duration.ofMillis(120));
    metrics.synthesis();

    // Then
    assertThat(series(MetricsFormat.OPEN_METRICS)).isEqualTo(series(MetricsFormat.TEXT));
  }

  private Set<String> series(MetricsFormat format) {
    return metrics
        .scrape(format)
        .lines()
        .filter(line -> line.startsWith("utter_"))
        .map(line -> line.substring(0, line.indexOf("} ") + 1))
        .collect(Collectors.toSet());
  }

  @Test
  void countersOfRunningPartsBeginAtZero() throws Exception {
    // Given
    assertThat(get("/metrics").body().lines().filter(line -> line.startsWith("utter_")))
        .allMatch(line -> line.startsWith("utter_build_info"));

    // When
    metrics.admission();
    metrics.verification();
    metrics.synthesis();
    metrics.intake(taken -> {});
    metrics.deadLettersOf(List.of("utter.started"));

    // Then
    assertThat(get("/metrics").body())
        .contains("utter_admission_refused_total{code=\"DUPLICATE_ID\",worker=\"worker-1\"} 0.0")
        .contains("utter_verifications_total{verdict=\"NOT_FOUND\",worker=\"worker-1\"} 0.0")
        .contains("utter_synthesis_retries_total{step=\"storage\",worker=\"worker-1\"} 0.0")
        .contains(
            "utter_outcomes_total{kind=\"internal\",lane=\"utter.work.bulk\",worker=\"worker-1\"}"
                + " 0.0")
        .contains("utter_dead_letters_total{topic=\"utter.requests\",worker=\"worker-1\"} 0.0")
        .contains("utter_dead_letters_total{topic=\"utter.started\",worker=\"worker-1\"} 0.0");
  }

  @Test
  void readinessIsAMetric() throws Exception {
    // Given
    metrics.watch(health());
    parts.put("storage", Optional.of("no bucket"));
    assertThat(get("/metrics").body()).contains("utter_worker_ready{worker=\"worker-1\"} 0.0");

    // When
    parts.put("storage", Optional.empty());

    // Then
    assertThat(get("/metrics").body()).contains("utter_worker_ready{worker=\"worker-1\"} 1.0");
  }

  @Test
  void whatAMetricIsComputedFromIsNotCollected() throws Exception {
    // Given
    metrics.watch(health());
    parts.put("storage", Optional.empty());
    WeakReference<Object> unused = new WeakReference<>(new Object());

    // When
    while (unused.get() != null) {
      System.gc();
    }

    // Then
    assertThat(get("/metrics").body()).contains("utter_worker_ready{worker=\"worker-1\"} 1.0");
  }

  @Test
  void nothingElseIsServed() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/health/../etc/passwd").statusCode()).isEqualTo(404);
    HttpRequest post =
        HttpRequest.newBuilder(uri("/metrics"))
            .POST(HttpRequest.BodyPublishers.ofString("x"))
            .build();
    assertThat(send(post).statusCode()).isEqualTo(405);
  }

  @Test
  void aDrainIsBegunAndWatchedFromTheSameMachine() throws Exception {
    // When
    String before = get("/drain").body();
    HttpResponse<String> begun = post("/drain");
    HttpResponse<String> ending = post("/drain?exit");

    // Then
    assertThat(before)
        .isEqualTo("{\"worker\":\"worker-1\",\"state\":\"WORKING\",\"requests\":0,\"parts\":[]}\n");
    assertThat(begun.statusCode()).isEqualTo(200);
    assertThat(begun.body())
        .isEqualTo(
            "{\"worker\":\"worker-1\",\"state\":\"DRAINING\",\"requests\":3,"
                + "\"parts\":[\"synthesis\"]}\n");
    assertThat(get("/drain").body()).isEqualTo(begun.body());
    assertThat(ending.statusCode()).isEqualTo(200);
    assertThat(drain.begun).containsExactly(false, true);
  }

  @Test
  void aWorkerThatCannotBeDrainedSaysSo() throws Exception {
    // Given
    drain.phase = Drain.Phase.UNAVAILABLE;

    // Then
    assertThat(post("/drain").statusCode()).isEqualTo(409);
    assertThat(get("/drain").statusCode()).isEqualTo(200);
  }

  @Test
  void aPageInABrowserDrainsNothing() throws Exception {
    // When
    HttpRequest ofPage =
        HttpRequest.newBuilder(uri("/drain"))
            .header("Origin", "https://elsewhere.example")
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();

    // Then
    assertThat(send(ofPage).statusCode()).isEqualTo(403);
    assertThat(answerTo("PUT /drain HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
    assertThat(drain.begun).isEmpty();
  }

  @Test
  void onlyTheMachineItselfCountsAsLocal() throws Exception {
    InetAddress own = InetAddress.getByName("10.1.2.3");

    assertThat(Connection.isLocal(InetAddress.getByName("127.0.0.1"), own)).isTrue();
    assertThat(Connection.isLocal(InetAddress.getByName("::1"), own)).isTrue();
    assertThat(Connection.isLocal(own, own)).isTrue();
    assertThat(Connection.isLocal(InetAddress.getByName("10.1.2.4"), own)).isFalse();
    assertThat(Connection.isLocal(InetAddress.getByName("10.1.2.4"), InetAddress.getByName("::1")))
        .isFalse();
  }

  @Test
  void healthAnswersDuringHalfSentRequests() throws Exception {
    // Given
    List<Socket> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        strangers.add(stranger("GET /"));
      }

      // Then
      for (int i = 0; i < 20; i++) {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
      }
      assertThat(get("/metrics").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : strangers) {
        socket.close();
      }
    }
  }

  @Test
  void aHalfSentRequestIsEndedByTheServer() throws Exception {
    try (Socket stranger = stranger("GET /health/live HTTP/1.1\r\n")) {
      stranger.setSoTimeout(60_000);
      assertThat(stranger.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void healthAnswersWhileOthersDoNotReadTheirAnswers() throws Exception {
    // Given
    metricsText = format -> "x".repeat(20_000_000);
    List<Socket> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        strangers.add(stranger("GET /metrics HTTP/1.1\r\n\r\n"));
      }

      // Then
      assertThat(get("/health/live").statusCode()).isEqualTo(200);
      assertThat(get("/metrics").body()).hasSize(20_000_000);
    } finally {
      for (Socket socket : strangers) {
        socket.close();
      }
    }
  }

  @Test
  void healthAnswersWhileTheMetricsAreNotThere() throws Exception {
    // Given
    CountDownLatch collected = new CountDownLatch(1);
    metricsText =
        format -> {
          try {
            collected.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return "late";
        };

    // When
    CompletableFuture<HttpResponse<String>> scrape =
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(uri("/metrics")).build(),
                HttpResponse.BodyHandlers.ofString());

    // Then
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    collected.countDown();
    assertThat(scrape.join().body()).isEqualTo("late");
  }

  @Test
  void whatIsNoRequestIsRefused() throws Exception {
    assertThat(answerTo("hello\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(answerTo("GET /health/live HTTP/1.0\n\n")).startsWith("HTTP/1.1 200 OK");
    assertThat(answerTo("GET /" + "x".repeat(10_000))).startsWith("HTTP/1.1 431 ");
  }

  @Test
  void aPortInUseIsNamed() {
    assertThatThrownBy(
            () ->
                TelemetryServer.start("127.0.0.1", server.port(), health(), metrics::scrape, drain))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining("127.0.0.1:" + server.port());
  }

  private Socket stranger(String sends) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.getOutputStream().write(sends.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private String answerTo(String request) throws IOException {
    try (Socket socket = stranger(request)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static Speech speech(int frames) {
    return new Speech(
        new AudioClip(new float[frames * 1920], 24_000),
        new AudioCodes(4, new int[4 * frames]),
        FinishReason.MAX_DURATION,
        7,
        3,
        Duration.ofMillis(90),
        Duration.ofMillis(40),
        Duration.ofSeconds(1),
        Duration.ofMillis(5));
  }

  private Health health() {
    return new Health() {
      @Override
      public Optional<String> broken() {
        return broken;
      }

      @Override
      public Map<String, Optional<String>> parts() {
        return parts;
      }
    };
  }

  private HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private HttpResponse<String> get(String path, String accepted)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).header("Accept", accepted).build());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
