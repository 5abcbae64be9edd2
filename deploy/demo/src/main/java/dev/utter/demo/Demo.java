package dev.utter.demo;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.ObjectReference;
import dev.utter.events.StoredAudio;
import dev.utter.producer.client.AudioStore;
import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.client.ResultFollower;
import dev.utter.producer.client.StorageAccess;
import dev.utter.producer.client.SynthesisClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts Kafka, registry, object store and one worker in this process, sends sample requests
 * through them, and reports the outcome of each.
 */
final class Demo {
  /** The bucket for recordings and clips. */
  static final String BUCKET = "utter-demo";

  private static final int PARTITIONS = 4;

  private final DemoSettings settings;
  private final ProgressView view;
  private final Clock clock = Clock.systemUTC();

  private Demo(DemoSettings settings, ProgressView view) {
    this.settings = settings;
    this.view = view;
  }

  /**
   * Runs the demo and writes the clips and {@code report.json}.
   *
   * @throws TimeoutException if a request has no outcome in time
   * @throws IOException if a clip cannot be downloaded or written
   */
  public static DemoReport run(DemoSettings settings, ProgressView view)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    return new Demo(settings, view).run();
  }

  private DemoReport run()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Files.createDirectories(settings.out());
    view.step("Starting Kafka, schema registry and S3");
    try (EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary())) {
      stack.createTopics(PARTITIONS);
      stack.createBucket(BUCKET);
      view.step("Loading " + settings.model().getFileName() + " and starting a worker");
      DemoWorker worker = DemoWorker.start(stack, settings);
      try (worker;
          SynthesisClient client = new SynthesisClient(kafka(stack));
          ResultFollower follower = new ResultFollower(kafka(stack));
          AudioStore store = new AudioStore(storage(stack))) {
        return send(worker, client, follower, store);
      }
    }
  }

  private DemoReport send(
      DemoWorker worker, SynthesisClient client, ResultFollower follower, AudioStore store)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    List<SampleRequest> requests =
        new SampleRequests(
                clock, upload(store, "utterance_0.wav"), upload(store, "utterance_1.wav"))
            .first(settings.requests());
    for (SampleRequest request : requests) {
      if (request.cancelledFirst()) {
        client.cancel(request.id()).get();
      }
    }
    Map<SampleRequest, CompletableFuture<RequestProgress>> results = new LinkedHashMap<>();
    for (SampleRequest request : requests) {
      results.put(request, follower.follow(request.id(), view::changed));
      view.published(request.id());
      client.publish(request.request()).get();
    }
    worker
        .broken()
        .thenAccept(why -> results.values().forEach(result -> result.completeExceptionally(why)));
    DemoReport report = report(results, store);
    Files.writeString(
        settings.out().resolve("report.json"), report.toJson().toPrettyString() + "\n");
    return report;
  }

  private DemoReport report(
      Map<SampleRequest, CompletableFuture<RequestProgress>> results, AudioStore store)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    long deadline = System.nanoTime() + settings.timeout().toNanos();
    List<DemoReport.Outcome> outcomes = new ArrayList<>();
    for (Map.Entry<SampleRequest, CompletableFuture<RequestProgress>> entry : results.entrySet()) {
      SampleRequest request = entry.getKey();
      RequestProgress result = await(request, entry.getValue(), deadline);
      outcomes.add(
          new DemoReport.Outcome(
              result,
              request.expectation().toString(),
              request.expectation().isMetBy(result),
              download(result, store)));
    }
    return new DemoReport(outcomes);
  }

  private RequestProgress await(
      SampleRequest request, CompletableFuture<RequestProgress> result, long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return result.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException(
          "no outcome of request %s within %d s"
              .formatted(request.id(), settings.timeout().toSeconds()));
    }
  }

  private Optional<Path> download(RequestProgress result, AudioStore store) throws IOException {
    if (result.completed().isEmpty()) {
      return Optional.empty();
    }
    StoredAudio audio = result.completed().get().getAudio();
    String key = audio.getKey();
    Path file = settings.out().resolve(key.substring(key.lastIndexOf('/') + 1));
    store.download(audio, file);
    return Optional.of(file);
  }

  private static ObjectReference upload(AudioStore store, String resource) throws IOException {
    Path file = Files.createTempFile("utter-", "-" + resource);
    try (InputStream in = Demo.class.getResourceAsStream(resource)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return store.upload(file, BUCKET, "context/" + resource);
    } finally {
      Files.delete(file);
    }
  }

  private static KafkaAccess kafka(EmbeddedStack stack) {
    return new KafkaAccess(stack.bootstrapServers(), stack.schemaRegistryUrl(), Map.of());
  }

  private static StorageAccess storage(EmbeddedStack stack) {
    return new StorageAccess(
        stack.s3Endpoint(), "us-east-1", stack.s3AccessKey(), stack.s3SecretKey());
  }
}
