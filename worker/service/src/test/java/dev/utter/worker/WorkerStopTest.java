package dev.utter.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.network.Networks;
import dev.utter.worker.network.PublishedNetworks;
import dev.utter.worker.settings.WorkerSettings;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** How long a worker takes to stop, and what stays open. */
@Tag("integration")
class WorkerStopTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String BUCKET = "utter-clips";
  private static final String GROUP = "utter-synthesis";

  /** Time a loaded machine may take beside the limits that are measured. */
  private static final Duration SLACK = Duration.ofSeconds(5);

  private static final Logger HEALTH_LOG =
      (Logger) LoggerFactory.getLogger("dev.utter.worker.telemetry.HealthLog");

  @TempDir private Path stateFolder;
  private final ListAppender<ILoggingEvent> healthLines = new ListAppender<>();
  private final CountDownLatch submitted = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final List<String> closed = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> networks = new CopyOnWriteArrayList<>();
  private EmbeddedStack stack;
  private String stopTimeout = "10s";

  @BeforeEach
  void start() {
    healthLines.start();
    HEALTH_LOG.addAppender(healthLines);
    stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
    stack.createTopics(1);
    stack.createBucket(BUCKET);
  }

  @AfterEach
  void stop() throws Exception {
    HEALTH_LOG.detachAppender(healthLines);
    released.countDown();
    for (AutoCloseable network : networks) {
      network.close();
    }
    stack.close();
  }

  @Test
  void anUtteranceThatDoesNotEndDelaysAStopByItsTimeoutAtMost() throws Exception {
    // Given
    WorkerProcess worker =
        worker(
            (method, call) -> {
              if (method.equals("submit")) {
                submitted.countDown();
                return new CompletableFuture<Void>();
              }
              return call.call();
            },
            (method, call) -> call.call());
    startWork(worker);

    // When
    Duration took = closing(worker);

    // Then
    assertThat(took).isLessThan(Duration.ofSeconds(10).plus(SLACK));
    assertThat(closed).containsExactlyInAnyOrder("SpeechModel", "AudioWatermark");
  }

  @Test
  void aMarkingThatDoesNotReturnMakesTheWorkerDeadAndItsNetworksStayOpen() throws Exception {
    // Given
    WorkerProcess worker =
        worker(
            (method, call) -> call.call(),
            (method, call) -> {
              if (method.equals("embed")) {
                submitted.countDown();
                awaitAsNativeCodeDoes(released);
                throw new IllegalStateException("released");
              }
              return call.call();
            });
    startWork(worker);

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(live(worker).statusCode()).isEqualTo(503);
              assertThat(healthLines.list)
                  .extracting(line -> String.valueOf(line.getKeyValuePairs()))
                  .anyMatch(pairs -> pairs.contains("marking has stood still for"));
            });

    // When
    Duration took = closing(worker);

    // Then
    assertThat(took).isLessThan(Duration.ofSeconds(10).plus(SLACK));
    assertThat(closed).isEmpty();
  }

  @Test
  void aDrainWaitsForTheUtteranceUnderWayAndThenTheWorkerIsIdleUntilItIsStopped() throws Exception {
    // Given
    WorkerProcess worker = workerThatSpeaksWhenReleased();
    startWork(worker);
    publish("r-2");
    publish("r-3");

    // When
    HttpResponse<String> begun = post(worker, "/drain");

    // Then
    assertThat(begun.statusCode()).isEqualTo(200);
    assertThat(begun.body()).contains("\"state\":\"DRAINING\"");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(get(worker, "/drain").body())
                    .contains("\"requests\":1,\"parts\":[\"synthesis\"]"));
    assertThat(get(worker, "/health/ready").statusCode()).isEqualTo(503);

    // When
    released.countDown();

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(get(worker, "/drain").body()).contains("\"state\":\"DRAINED\""));
    assertThat(committed()).containsEntry("r-1", 1).doesNotContainKeys("r-2", "r-3");
    assertThat(members()).isEmpty();
    assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
    assertThat(get(worker, "/metrics").body())
        .contains("utter_worker_draining{worker=\"worker-under-test\"} 1.0");
    assertThat(worker.mayExit()).isNotDone();

    // When
    post(worker, "/drain?exit");

    // Then
    assertThat(worker.mayExit()).succeedsWithin(PATIENCE);
    assertThat(closing(worker)).isLessThan(Duration.ofSeconds(10).plus(SLACK));
    assertThat(closed).containsExactlyInAnyOrder("SpeechModel", "AudioWatermark");
  }

  @Test
  void aStopEndsADrainThatTakesLongerThanTheTimeoutOfAStop() throws Exception {
    // Given
    stopTimeout = "3s";
    WorkerProcess worker = workerThatSpeaksWhenReleased();
    startWork(worker);
    post(worker, "/drain");

    // When
    Duration took = closing(worker);

    // Then
    assertThat(took).isLessThan(Duration.ofSeconds(3).plus(SLACK));
    assertThat(committed()).isEmpty();
    assertThat(progress()).as("the interrupted start does not count").isEmpty();
  }

  private WorkerProcess workerThatSpeaksWhenReleased() {
    return worker(
        (method, call) -> {
          if (!method.equals("submit")) {
            return call.call();
          }
          submitted.countDown();
          return CompletableFuture.supplyAsync(
                  () -> {
                    awaitAsNativeCodeDoes(released);
                    return true;
                  })
              .thenCompose(
                  now -> {
                    try {
                      return (CompletableFuture<?>) call.call();
                    } catch (Exception e) {
                      return CompletableFuture.failedFuture(e);
                    }
                  });
        },
        (method, call) -> call.call());
  }

  private static HttpResponse<String> live(WorkerProcess worker)
      throws IOException, InterruptedException {
    return get(worker, "/health/live");
  }

  private static HttpResponse<String> get(WorkerProcess worker, String path)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(worker, path)).build());
  }

  private static HttpResponse<String> post(WorkerProcess worker, String path)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(worker, path))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private static URI uri(WorkerProcess worker, String path) {
    return URI.create("http://127.0.0.1:" + worker.httpPort() + path);
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Number of outcomes by request id. */
  private Map<String, Integer> committed() {
    Map<String, Integer> outcomes = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", stack.bootstrapServers(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(Topics.COMPLETED, 0), new TopicPartition(Topics.FAILED, 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(record -> outcomes.merge(new String(record.key(), UTF_8), 1, Integer::sum));
      }
    }
    return outcomes;
  }

  /** The committed progress of the lane; the empty text if all from its offset on is untouched. */
  private String progress() throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      return admin
          .listConsumerGroupOffsets(GROUP)
          .partitionsToOffsetAndMetadata()
          .get()
          .get(new TopicPartition(Topics.WORK_NORMAL, 0))
          .metadata();
    }
  }

  private Collection<MemberDescription> members() throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      return admin.describeConsumerGroups(List.of(GROUP)).all().get().get(GROUP).members();
    }
  }

  /** No interruption ends it. */
  private static void awaitAsNativeCodeDoes(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // The call ignores the interruption.
      }
    }
  }

  private static Duration closing(WorkerProcess worker) {
    long before = System.nanoTime();
    worker.close();
    return Duration.ofNanos(System.nanoTime() - before);
  }

  private void startWork(WorkerProcess worker) throws InterruptedException, ExecutionException {
    worker.start();
    await().atMost(PATIENCE).until(worker::isReady);
    publish("r-1");
    assertThat(submitted.await(PATIENCE.toSeconds(), SECONDS)).isTrue();
  }

  private void publish(String id) throws InterruptedException, ExecutionException {
    SynthesisRequested request =
        SynthesisRequested.newBuilder()
            .setRequestId(id)
            .setText("Good morning.")
            .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(1_000).build())
            .setRequestedAt(Instant.now())
            .build();
    try (EventSerializer serializer =
            new EventSerializer(Map.of("schema.registry.url", stack.schemaRegistryUrl()));
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  Topics.WORK_NORMAL,
                  request.getRequestId().getBytes(UTF_8),
                  serializer.serialize(Topics.REQUESTS, request)))
          .get();
    }
  }

  /** Runs in place of a call. */
  private interface Instead {
    Object of(String method, Callable<Object> call) throws Exception;
  }

  /** A worker on the real networks, some of whose calls are replaced. */
  private WorkerProcess worker(Instead ofModel, Instead ofWatermark) {
    Networks published = new PublishedNetworks();
    return new WorkerProcess(
        settings(),
        new Networks() {
          @Override
          public SpeechModel speech(WorkerSettings settings) {
            return instead(SpeechModel.class, published.speech(settings), ofModel);
          }

          @Override
          public AudioWatermark watermark(WorkerSettings settings) {
            return instead(AudioWatermark.class, published.watermark(settings), ofWatermark);
          }
        });
  }

  private <T extends AutoCloseable> T instead(Class<T> type, T real, Instead instead) {
    networks.add(real);
    return proxied(type, real, instead);
  }

  /** A result of the same type has the same calls replaced. */
  private <T extends AutoCloseable> T proxied(Class<T> type, T real, Instead instead) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                closed.add(type.getSimpleName());
              }
              try {
                Object result = instead.of(method.getName(), () -> method.invoke(real, arguments));
                return type.isInstance(result) ? proxied(type, type.cast(result), instead) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private WorkerSettings settings() {
    Path model = Path.of(System.getProperty("utter.home"), "worker/speech/models/development");
    return WorkerSettings.parse(
        "",
        Map.ofEntries(
            Map.entry("UTTER_WORKER_NAME", "worker-under-test"),
            Map.entry("UTTER_WORKER_ROLES", "synthesis, status"),
            Map.entry("UTTER_WORKER_DEVELOPMENT", "true"),
            Map.entry("UTTER_WORKER_STOP_TIMEOUT", stopTimeout),
            Map.entry("UTTER_SYNTHESIS_HUNG_AFTER", "2s"),
            Map.entry("UTTER_MODEL_SLOTS", "1"),
            Map.entry("UTTER_KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers()),
            Map.entry("UTTER_KAFKA_STATE_FOLDER", stateFolder.toString()),
            Map.entry("UTTER_REGISTRY_URL", stack.schemaRegistryUrl()),
            Map.entry("UTTER_STORAGE_ENDPOINT", stack.s3Endpoint()),
            Map.entry("UTTER_STORAGE_ACCESS_KEY", stack.s3AccessKey()),
            Map.entry("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey()),
            Map.entry("UTTER_OUTPUT_BUCKET", BUCKET),
            Map.entry("UTTER_MODEL_SOURCE", model.toString()),
            Map.entry("UTTER_HTTP_ADDRESS", "127.0.0.1"),
            Map.entry("UTTER_HTTP_PORT", "0")));
  }
}
