package dev.utter.demo;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.host.DataFolder;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.settings.WorkerSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One worker with all roles on the embedded stack, with its state in a temporary folder. */
final class DemoWorker implements AutoCloseable {
  private static final long READY_SECONDS = 180;
  private static final long READY_POLL_MILLIS = 50;

  private final WorkerProcess process;
  private final DataFolder state;

  private DemoWorker(WorkerProcess process, DataFolder state) {
    this.process = process;
    this.state = state;
  }

  /**
   * Starts a worker and waits until it is ready.
   *
   * @throws TimeoutException if it is not ready in time; the message names the reason
   */
  static DemoWorker start(EmbeddedStack stack, DemoSettings settings)
      throws InterruptedException, TimeoutException {
    DataFolder state = DataFolder.temporary("utter-demo-");
    DemoWorker worker =
        new DemoWorker(new WorkerProcess(settings(stack, settings, state.path())), state);
    try {
      worker.awaitReady(CompletableFuture.runAsync(worker.process::start));
      return worker;
    } catch (RuntimeException | InterruptedException | TimeoutException e) {
      worker.close();
      throw e;
    }
  }

  private static WorkerSettings settings(EmbeddedStack stack, DemoSettings settings, Path state) {
    return WorkerSettings.parse(
        "",
        Map.ofEntries(
            Map.entry("UTTER_WORKER_NAME", "demo"),
            Map.entry("UTTER_WORKER_DEVELOPMENT", "true"),
            Map.entry("UTTER_KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers()),
            Map.entry("UTTER_KAFKA_STATE_FOLDER", state.toString()),
            Map.entry("UTTER_REGISTRY_URL", stack.schemaRegistryUrl()),
            Map.entry("UTTER_STORAGE_ENDPOINT", stack.s3Endpoint()),
            Map.entry("UTTER_STORAGE_ACCESS_KEY", stack.s3AccessKey()),
            Map.entry("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey()),
            Map.entry("UTTER_OUTPUT_BUCKET", Demo.BUCKET),
            Map.entry("UTTER_MODEL_SOURCE", settings.model().toString()),
            Map.entry("UTTER_MODEL_DEVICE", settings.engine().device()),
            Map.entry("UTTER_MODEL_PRECISION", settings.engine().precision().name()),
            Map.entry("UTTER_WATERMARK_SOURCE", settings.watermark().toString()),
            Map.entry("UTTER_HTTP_ADDRESS", "127.0.0.1"),
            Map.entry("UTTER_HTTP_PORT", "0")));
  }

  /** Completes with the reason if the worker breaks. */
  CompletableFuture<WorkerBrokenException> broken() {
    return process.broken();
  }

  private void awaitReady(CompletableFuture<Void> start)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!process.isReady()) {
      if (start.isCompletedExceptionally()) {
        start.join();
      }
      if (process.broken().isDone()) {
        throw process.broken().join();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException("the worker is not ready: " + process.waiting());
      }
      TimeUnit.MILLISECONDS.sleep(READY_POLL_MILLIS);
    }
  }

  @Override
  public void close() {
    process.close();
    state.close();
  }
}
