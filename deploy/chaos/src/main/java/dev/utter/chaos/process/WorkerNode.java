package dev.utter.chaos.process;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Change;
import dev.utter.chaos.history.History;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One worker: a process that can be killed, frozen and started again under the same name. */
public final class WorkerNode {
  private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(2);
  private static final long STOP_SECONDS = 40;
  private static final int OK = 200;
  private static final int LOG_LINES = 12;

  private final WorkerPlan plan;
  private final Path settings;
  private final Map<String, String> values;
  private final Path log;
  private final int port;
  private final Program program;
  private final String secretKey;
  private final History history;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(HTTP_TIMEOUT).build();
  private @Nullable Process process;
  private @Nullable Program other;
  private boolean said;

  WorkerNode(
      Path folder,
      Backends backends,
      WorkerPlan plan,
      Path model,
      Program program,
      History history) {
    this.plan = plan;
    this.program = program;
    this.history = history;
    this.secretKey = backends.secretKey();
    port = LoopbackPorts.free();
    log = folder.resolve(plan.name() + ".log");
    settings = folder.resolve(plan.name() + ".yaml");
    values = WorkerSettingsFile.values(folder, backends, plan, model, port);
  }

  /** Name, roles and slots of the worker. */
  public WorkerPlan plan() {
    return plan;
  }

  /** Its name. */
  public String name() {
    return plan.name();
  }

  /** Starts the process; returns at once. */
  public synchronized void start() {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // The whole heap is resident from the start, so that growth of resident memory is
                // native memory.
                "-Xms384m",
                "-Xmx384m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dutter.home=" + version().home(),
                "-Dai.djl.offline=true",
                "-cp",
                version().classPath()));
    command.addAll(List.of("dev.utter.cli.Main", "worker", "--config", settings.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(variable -> variable.startsWith("UTTER_"));
    builder.environment().put("UTTER_STORAGE_SECRET_KEY", secretKey);
    builder.environment().put("OPT_OUT_TRACKING", "true");
    try {
      WorkerSettingsFile.write(settings, version().settings(), values);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a worker", e);
    }
    said = false;
    note(Change.STARTED, 0);
  }

  /** From the next start on it runs another version; null stands for the version of this tree. */
  public synchronized void run(@Nullable Program version) {
    other = version;
  }

  /** Whether it runs another version from its next start on. */
  public synchronized boolean isOther() {
    return other != null;
  }

  private Program version() {
    return other == null ? program : other;
  }

  /** Asks it to drain as an operator does; returns its answer. */
  public String drain() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/drain"))
            .timeout(HTTP_TIMEOUT)
            .POST(BodyPublishers.noBody())
            .build();
    return answer(request)
        .map(HttpResponse::body)
        .orElseThrow(() -> new IllegalStateException(name() + " does not answer: " + logEnd()));
  }

  /** How far a drain is; empty if it does not answer. */
  public Optional<String> drainProgress() {
    return get("/drain");
  }

  /** Ends the process as kill -9 does; returns when it has ended. */
  public synchronized void kill() {
    note(Change.KILLED, 0);
    process().destroyForcibly().onExit().join();
  }

  /** SIGSTOP: the process is frozen, its connections stay open. */
  public synchronized void freeze() {
    note(Change.FROZEN, 0);
    signal("STOP");
  }

  /** SIGCONT. */
  public synchronized void thaw() {
    signal("CONT");
    note(Change.THAWED, 0);
  }

  /**
   * SIGTERM; returns when the process has ended. After 40 s it is killed.
   *
   * @return whether it ended by itself
   */
  public synchronized boolean stop() throws InterruptedException {
    note(Change.STOP_REQUESTED, 0);
    process().destroy();
    boolean ended = process().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process().destroyForcibly().waitFor();
    }
    note(Change.ENDED, process().exitValue());
    return ended;
  }

  /** Ends the process without a line in the history. */
  synchronized void destroy() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /**
   * Starts the process again if it ended without being stopped.
   *
   * @return whether it had
   */
  public synchronized boolean restartIfEnded() {
    if (isAlive()) {
      return false;
    }
    note(Change.ENDED, process().exitValue());
    start();
    return true;
  }

  /** Whether the process is running. */
  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Process id. */
  public synchronized long pid() {
    return process().pid();
  }

  /** Whether the worker reports ready. */
  public boolean isReady() {
    boolean ready = get("/health/ready").isPresent();
    synchronized (this) {
      if (ready && !said) {
        said = true;
        note(Change.READY, 0);
      }
    }
    return ready;
  }

  /** Heap in use, from the worker's metrics; -1 if they cannot be read. */
  public long heapBytes() {
    return metric("jvm_memory_used_bytes", "\"heap\"").orElse(-1);
  }

  /** Partitions that the worker refuses, from its metrics. */
  public long refusedPartitions() {
    return metric("utter_intake_partitions_refused", "").orElse(0);
  }

  private OptionalLong metric(String name, String label) {
    return get("/metrics").stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(name) && line.contains(label))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .reduce(Long::sum);
  }

  /** The end of its log. */
  public String logEnd() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  private Optional<String> get(String path) {
    return answer(path).filter(answer -> answer.statusCode() == OK).map(HttpResponse::body);
  }

  private Optional<HttpResponse<String>> answer(String path) {
    return answer(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(HTTP_TIMEOUT)
            .build());
  }

  private Optional<HttpResponse<String>> answer(HttpRequest request) {
    try {
      return Optional.of(http.send(request, BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Process process() {
    if (process == null) {
      throw new IllegalStateException(name() + " was not started");
    }
    return process;
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process().pid()))
          .start()
          .onExit()
          .join();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot send a signal", e);
    }
  }

  private void note(Change change, int status) {
    history.add(new Entry.Worker(History.now(), name(), process().pid(), change, status));
  }
}
