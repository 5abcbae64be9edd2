package dev.utter.benchmarks.pipeline;

import dev.utter.benchmarks.pipeline.worker.WaitingWorker;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.host.DataFolder;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Workers with all roles, each in a separate process, with state and logs in a temporary folder.
 */
final class WorkerFleet implements AutoCloseable {
  static final String BUCKET = "utter-bench";

  private static final Duration READY_LIMIT = Duration.ofMinutes(3);
  private static final Duration READY_POLL = Duration.ofMillis(200);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final int LOG_LINES = 20;

  private record Worker(Process process, int port, Path log) {}

  private final PipelineSettings settings;
  private final EmbeddedStack stack;
  private final DataFolder folder;
  private final List<Worker> workers = new CopyOnWriteArrayList<>();
  private final Thread onExit = new Thread(this::kill, "bench-workers-kill");
  private final HttpClient http = HttpClient.newHttpClient();

  private WorkerFleet(PipelineSettings settings, EmbeddedStack stack, DataFolder folder) {
    this.settings = settings;
    this.stack = stack;
    this.folder = folder;
  }

  /**
   * Starts workers; returns when all of them are ready and the partitions are assigned.
   *
   * @throws TimeoutException if they are not ready in time
   */
  static WorkerFleet start(PipelineSettings settings, EmbeddedStack stack, int count)
      throws IOException, InterruptedException, TimeoutException {
    WorkerFleet fleet = new WorkerFleet(settings, stack, DataFolder.temporary("utter-bench-"));
    Runtime.getRuntime().addShutdownHook(fleet.onExit);
    try {
      for (int i = 1; i <= count; i++) {
        fleet.workers.add(fleet.worker("worker-" + i));
      }
      fleet.awaitReady();
      return fleet;
    } catch (RuntimeException | IOException | InterruptedException | TimeoutException e) {
      fleet.close();
      throw e;
    }
  }

  /** Processor time all workers have taken up to now. */
  Duration processorTime() {
    return workers.stream()
        .map(worker -> worker.process().info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** Throws if one of the workers has ended. */
  void requireAlive() {
    for (Worker worker : workers) {
      if (!worker.process().isAlive()) {
        throw new IllegalStateException("a worker ended: " + tail(worker.log()));
      }
    }
  }

  private Worker worker(String name) throws IOException {
    int port = LoopbackPorts.free();
    Path log = folder.path().resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command(name)).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("UTTER_"));
    builder.environment().putAll(environment(name, port));
    return new Worker(builder.start(), port, log);
  }

  private List<String> command(String name) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dutter.home=" + System.getProperty("utter.home", ""),
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path")));
    if (settings.engine() == PipelineSettings.Engine.WAITING) {
      // The process is short-lived, and one of many. The second compiler would use most of the
      // processor time.
      command.addAll(1, List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
      command.addAll(
          List.of(
              WaitingWorker.class.getName(),
              Integer.toString(settings.slots()),
              Long.toString(settings.job().toMillis())));
    } else if (settings.engine() == PipelineSettings.Engine.SIZED) {
      command.add(1, "-Xmx2g");
      command.add(WaitingWorker.class.getName());
    } else {
      command.add(1, "-Xmx2g");
      Path file = Files.writeString(folder.path().resolve(name + ".yaml"), "");
      command.addAll(List.of("dev.utter.cli.Main", "worker", "--config", file.toString()));
    }
    return command;
  }

  private Map<String, String> environment(String name, int port) {
    return Map.ofEntries(
        Map.entry("OPT_OUT_TRACKING", "true"),
        Map.entry("UTTER_LOG_LEVEL", "WARN"),
        Map.entry("UTTER_WORKER_NAME", name),
        Map.entry("UTTER_WORKER_DEVELOPMENT", "true"),
        Map.entry("UTTER_KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers()),
        Map.entry("UTTER_KAFKA_STATE_FOLDER", folder.path().resolve("state").toString()),
        Map.entry("UTTER_REGISTRY_URL", stack.schemaRegistryUrl()),
        Map.entry("UTTER_STORAGE_ENDPOINT", stack.s3Endpoint()),
        Map.entry("UTTER_STORAGE_ACCESS_KEY", stack.s3AccessKey()),
        Map.entry("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey()),
        Map.entry("UTTER_OUTPUT_BUCKET", BUCKET),
        Map.entry("UTTER_MODEL_SOURCE", settings.model().toString()),
        Map.entry("UTTER_WATERMARK_SOURCE", settings.watermark().toString()),
        Map.entry("UTTER_HTTP_ADDRESS", "127.0.0.1"),
        Map.entry("UTTER_HTTP_PORT", Integer.toString(port)));
  }

  /** Waits until each worker reports ready and no rebalance is under way. */
  private void awaitReady() throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    for (Worker worker : workers) {
      while (!isReady(worker)) {
        pause(deadline);
      }
    }
    try (GroupWatch groups = new GroupWatch(stack.bootstrapServers())) {
      while (!groups.isSettled(workers.size())) {
        pause(deadline);
      }
    }
  }

  private void pause(long deadline) throws InterruptedException, TimeoutException {
    requireAlive();
    if (System.nanoTime() - deadline > 0) {
      throw new TimeoutException(
          "the workers are not ready: " + workers.stream().map(w -> tail(w.log())).toList());
    }
    TimeUnit.NANOSECONDS.sleep(READY_POLL.toNanos());
  }

  private boolean isReady(Worker worker) throws InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + worker.port() + "/health/ready");
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  private void kill() {
    workers.forEach(worker -> worker.process().destroyForcibly());
  }

  /** Stops the workers, by force those that take too long, and deletes their state. */
  @Override
  public void close() {
    workers.forEach(worker -> worker.process().destroy());
    try {
      for (Worker worker : workers) {
        if (!worker.process().waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
          worker.process().destroyForcibly().waitFor();
        }
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The JVM is already shutting down.
    }
    folder.close();
  }
}
