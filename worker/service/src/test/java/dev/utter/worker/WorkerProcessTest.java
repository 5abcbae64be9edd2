package dev.utter.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.embedded.host.LoopbackPorts;
import dev.utter.events.Topics;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.network.Networks;
import dev.utter.worker.network.PublishedNetworks;
import dev.utter.worker.settings.WorkerSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class WorkerProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path stateFolder;
  private EmbeddedStack stack;
  private Admin admin;

  @BeforeEach
  void start() {
    stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
    admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
  }

  @AfterEach
  void stop() {
    admin.close();
    stack.close();
  }

  @Test
  void missingTopicsAreNamedAndWaitedFor() throws Exception {
    // Given
    WorkerProcess worker = new WorkerProcess(settings("admission", Map.of()));
    try (worker) {
      CompletableFuture<Void> start = CompletableFuture.runAsync(worker::start);
      awaitReason(worker, "kafka", "missing topics");

      // Then
      assertThat(get(worker, "/health/ready").statusCode()).isEqualTo(503);
      assertThat(worker.waiting().get("kafka").orElseThrow())
          .contains(Topics.REQUESTS, "kafka.createTopics");
      assertThat(get(worker, "/health/ready").body())
          .contains("kafka: not ready")
          .doesNotContain(Topics.REQUESTS);
      assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);

      // When
      stack.createTopics(1);

      // Then
      start.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      await().atMost(PATIENCE).until(worker::isReady);
    }
  }

  @Test
  void unavailableServicesAreNamedAndWaitedFor() throws Exception {
    // Given
    stack.createTopics(1);
    stack.createBucket("utter-clips");
    stack.stopBroker();
    stack.stopS3();
    stack.stopSchemaRegistry();
    WorkerProcess worker = new WorkerProcess(settings("verification", Map.of()));
    try (worker) {
      CompletableFuture<Void> start = CompletableFuture.runAsync(worker::start);

      // Then
      awaitReason(worker, "kafka", "Kafka at " + stack.bootstrapServers() + " does not answer");
      awaitReason(worker, "registry", stack.schemaRegistryUrl());
      awaitReason(worker, "storage", "utter-clips");
      assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(worker, "/health/ready").statusCode()).isEqualTo(503);

      // When
      stack.startS3();
      stack.startSchemaRegistry();
      stack.startBroker();

      // Then
      start.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      await().atMost(PATIENCE).until(worker::isReady);
    }
    assertThat(utterThreads()).isEmpty();
  }

  @Test
  void aBrokerOfAnUnknownNameIsWaitedFor() {
    // Given
    WorkerProcess worker =
        new WorkerProcess(
            settings(
                "admission",
                Map.of(
                    "UTTER_KAFKA_BOOTSTRAP_SERVERS", "nowhere.invalid:9092",
                    "UTTER_ALLOW_CLEAR_TEXT_KAFKA", "true")));
    try (worker) {
      CompletableFuture<Void> start = CompletableFuture.runAsync(worker::start);

      // Then
      awaitReason(worker, "kafka", "nowhere.invalid:9092");
      assertThat(start).isNotDone();
    }
  }

  @Test
  void aStopEndsTheWaitAtOnceAndClosesWhatWasStarted() throws Exception {
    // Given
    int port = LoopbackPorts.free();
    stack.stopBroker();
    WorkerProcess worker =
        new WorkerProcess(settings("admission", Map.of("UTTER_HTTP_PORT", "" + port)));
    CompletableFuture<Void> start = CompletableFuture.runAsync(worker::start);
    await().atMost(PATIENCE).until(() -> worker.waiting().containsKey("kafka"));

    // When
    Duration took = closing(worker);

    // Then
    assertThat(took).isLessThan(Duration.ofSeconds(8));
    assertThatThrownBy(start::join).hasCauseInstanceOf(CancellationException.class);
    assertThatThrownBy(worker::start).isInstanceOf(IllegalStateException.class);
    new ServerSocket(port).close();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(utterThreads()).isEmpty());
  }

  @Test
  void missingTopicsAreCreatedWhereThatIsAllowed() throws Exception {
    // Given
    WorkerSettings settings =
        settings("admission, status", Map.of("UTTER_KAFKA_CREATE_TOPICS_PARTITIONS", "3"));

    // When
    try (WorkerProcess worker = new WorkerProcess(settings)) {
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);

      // Then
      Map<String, TopicDescription> topics =
          admin.describeTopics(Topics.all()).allTopicNames().get();
      assertThat(topics.values()).allMatch(topic -> topic.partitions().size() == 3);
      assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(worker, "/health/ready").body()).contains("admission: ready", "status: ready");
      assertThat(get(worker, "/metrics").body()).contains("kafka_stream");
    }
    assertThat(utterThreads()).isEmpty();
  }

  @Test
  void aCheckCreatesMissingTopicsToo() throws Exception {
    // Given
    WorkerSettings settings =
        settings("admission, status", Map.of("UTTER_KAFKA_CREATE_TOPICS_PARTITIONS", "3"));

    // When
    Map<String, Optional<String>> found;
    try (WorkerCheck check = new WorkerCheck(settings)) {
      found = check.run();
    }

    // Then
    assertThat(found.values()).allMatch(Optional::isEmpty);
    assertThat(admin.describeTopics(Topics.all()).allTopicNames().get().values())
        .allMatch(topic -> topic.partitions().size() == 3);
  }

  @Test
  void inputsThatDoNotFitEachOtherAreNamed() throws Exception {
    // Given
    admin.createTopics(List.of(new NewTopic(Topics.CANCELLATIONS, 5, (short) 1))).all().get();
    stack.createTopics(2);

    // Then
    assertThatThrownBy(() -> new WorkerProcess(settings("admission", Map.of())).start())
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining("utter.cancellations 5")
        .hasMessageContaining("utter.requests 2");
  }

  @Test
  void anEngineThatNeedsMoreMemoryThanThereIsIsRefusedWithTheNumbers() {
    // Given
    stack.createTopics(1);
    stack.createBucket("utter-clips");
    WorkerSettings settings =
        settings(
            "synthesis",
            Map.of(
                "UTTER_MODEL_SOURCE",
                System.getProperty("utter.home") + "/worker/speech/models/development",
                "UTTER_MODEL_MEMORY_BYTES",
                "4000000000000"));

    // Then
    assertThatThrownBy(() -> new WorkerProcess(settings).start())
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining("memory does not fit: ")
        .hasMessageContaining(" + weights ")
        .hasMessageContaining(" + engine 4000000000000 = ")
        .hasMessageContaining("lower model.memoryBytes");
    assertThat(utterThreads()).isEmpty();
  }

  @Test
  void aMissingBucketIsNamedAndWaitedFor() throws Exception {
    // Given
    stack.createTopics(1);
    WorkerProcess worker = new WorkerProcess(settings("verification", Map.of()));
    try (worker) {
      CompletableFuture<Void> start = CompletableFuture.runAsync(worker::start);
      awaitReason(worker, "storage", "utter-clips");

      // When
      stack.createBucket("utter-clips");

      // Then
      start.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      await().atMost(PATIENCE).until(worker::isReady);
    }
    assertThat(utterThreads()).isEmpty();
  }

  @Test
  void aSecondWorkerOfTheSameNameIsReportedAndWaits() throws Exception {
    // Given
    stack.createTopics(1);
    WorkerProcess second = new WorkerProcess(settings("admission", Map.of()));
    try (second) {
      WorkerProcess first = new WorkerProcess(settings("admission", Map.of()));
      try (first) {
        first.start();
        CompletableFuture<Void> start = CompletableFuture.runAsync(second::start);

        // Then
        awaitReason(second, "name", "worker.name is \"worker-under-test\"");
        assertThat(start).isNotDone();
      }
      await().atMost(PATIENCE).until(second::isReady);
    }
  }

  @Test
  void aBrokerThatGoesAwayMakesTheWorkerUnreadyWithinHalfAMinute() throws Exception {
    // Given
    stack.createTopics(1);
    try (WorkerProcess worker = new WorkerProcess(settings("admission", Map.of()))) {
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);

      // When
      stack.stopBroker();

      // Then
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> get(worker, "/health/ready").statusCode() == 503);
      awaitReason(worker, "kafka", stack.bootstrapServers());
      assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
      stack.startBroker();
      await().atMost(PATIENCE).until(worker::isReady);
    }
  }

  @Test
  void aRegistryThatGoesAwayMakesTheWorkerUnreadyWithinHalfAMinuteAndNotDead() throws Exception {
    // Given
    stack.createTopics(1);
    try (WorkerProcess worker = new WorkerProcess(settings("admission", Map.of()))) {
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);

      // When
      stack.stopSchemaRegistry();

      // Then
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> get(worker, "/health/ready").statusCode() == 503);
      awaitReason(worker, "registry", stack.schemaRegistryUrl());
      assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
      stack.startSchemaRegistry();
      await().atMost(PATIENCE).until(worker::isReady);
    }
  }

  @Test
  void aStoreThatGoesAwayMakesTheWorkerUnreadyAndNotDead() throws Exception {
    // Given
    stack.createTopics(1);
    stack.createBucket("utter-clips");
    try (WorkerProcess worker = new WorkerProcess(settings("verification", Map.of()))) {
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);

      // When
      stack.stopS3();

      // Then
      await().atMost(PATIENCE).until(() -> get(worker, "/health/ready").statusCode() == 503);
      assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
      assertThat(worker.waiting().get("storage")).isPresent();
      stack.startS3();
      await().atMost(PATIENCE).until(worker::isReady);
    }
  }

  @Test
  void aDeletedInputBreaksTheWorkerWhichStillStops() throws Exception {
    // Given
    stack.createTopics(1);
    try (WorkerProcess worker = new WorkerProcess(settings("admission", Map.of()))) {
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);

      // When
      admin.deleteTopics(List.of(Topics.REQUESTS)).all().get();

      // Then
      await()
          .dontCatchUncaughtExceptions()
          .atMost(Duration.ofMinutes(2))
          .until(() -> get(worker, "/health/live").statusCode() == 503);
      assertThat(worker.broken().getNow(null)).hasMessageContaining("admission");
      assertThat(worker.isReady()).isFalse();
      assertThat(closing(worker)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aWorkerThatIsStoppedDuringItsStartClosesWhatItOpened() throws Exception {
    // Given
    stack.createTopics(1);
    stack.createBucket("utter-clips");
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch loaded = new CountDownLatch(1);
    WorkerProcess worker =
        new WorkerProcess(settings("verification, admission", Map.of()), slow(loading, loaded));
    CompletableFuture<Void> start = CompletableFuture.runAsync(worker::start);
    loading.await();

    // When
    CompletableFuture<Void> close = CompletableFuture.runAsync(worker::close);
    await().atMost(PATIENCE).until(worker::isStopping);
    loaded.countDown();

    // Then
    close.join();
    assertThatThrownBy(start::join).hasCauseInstanceOf(CancellationException.class);
    assertThat(worker.waiting()).containsEntry("worker", Optional.of("it is STOPPED"));
    assertThat(worker.waiting()).doesNotContainKey("admission");
    assertThat(utterThreads()).isEmpty();
  }

  @Test
  void aWorkerThatNeverStartedCloses() {
    // Given
    WorkerProcess worker = new WorkerProcess(settings("status", Map.of()));

    // When
    worker.close();

    // Then
    assertThatThrownBy(worker::start).isInstanceOf(IllegalStateException.class);
    assertThat(worker.waiting().get("worker")).isEqualTo(Optional.of("it is STOPPED"));
  }

  private WorkerSettings settings(String roles, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("SECRET", stack.s3SecretKey());
    return WorkerSettings.parse(
        """
        worker:
          name: worker-under-test
          roles: [%s]
          development: true
        kafka:
          bootstrapServers: %s
          stateFolder: %s
          properties:
            metadata.max.age.ms: 2000
        registry:
          url: %s
        output:
          bucket: utter-clips
        storage:
          endpoint: %s
          accessKey: %s
          secretKey: env:SECRET
        watermark:
          source: %s
        http:
          address: 127.0.0.1
          port: 0
        """
            .formatted(
                roles,
                stack.bootstrapServers(),
                stateFolder,
                stack.schemaRegistryUrl(),
                stack.s3Endpoint(),
                stack.s3AccessKey(),
                Path.of(System.getProperty("utter.home"))
                    .resolve("worker/speech/models/development/watermark")),
        environment);
  }

  /** The real networks, which report the start of their load and wait for the test to end it. */
  private static Networks slow(CountDownLatch loading, CountDownLatch loaded) {
    Networks published = new PublishedNetworks();
    return new Networks() {
      @Override
      public SpeechModel speech(WorkerSettings settings) {
        return published.speech(settings);
      }

      @Override
      public AudioWatermark watermark(WorkerSettings settings) {
        loading.countDown();
        try {
          loaded.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return published.watermark(settings);
      }
    };
  }

  private static Duration closing(WorkerProcess worker) {
    long before = System.nanoTime();
    worker.close();
    return Duration.ofNanos(System.nanoTime() - before);
  }

  private static void awaitReason(WorkerProcess worker, String part, String text) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(worker.waiting().getOrDefault(part, Optional.empty()))
                    .hasValueSatisfying(why -> assertThat(why).contains(text)));
  }

  private static HttpResponse<String> get(WorkerProcess worker, String path)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + worker.httpPort() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static List<String> utterThreads() {
    return Stream.of(threads())
        .map(Thread::getName)
        .filter(name -> name.startsWith("utter-"))
        .filter(name -> !name.startsWith("utter-kafka") && !name.startsWith("utter-s3"))
        .toList();
  }

  private static Thread[] threads() {
    return Thread.getAllStackTraces().keySet().toArray(Thread[]::new);
  }
}
