package dev.utter.chaos.record;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.History;
import dev.utter.chaos.process.Fleet;
import dev.utter.chaos.process.WorkerNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Periodically records the resources that each worker's process holds. Needs Linux; on other
 * systems it records nothing.
 */
public final class ProcessSampler implements AutoCloseable {
  private static final int COLLECTION_SECONDS = 30;

  private final Fleet fleet;
  private final History history;
  private final OpenRequests open;
  private final boolean collecting;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread sampler = new Thread(task, "chaos-sampler");
            sampler.setDaemon(true);
            return sampler;
          });

  /**
   * Makes a sampler that has not started.
   *
   * @param collecting whether each worker's heap is collected before a sample, so that the sample
   *     has live objects only; the collection pauses the worker
   */
  public ProcessSampler(Fleet fleet, History history, OpenRequests open, boolean collecting) {
    this.fleet = fleet;
    this.history = history;
    this.open = open;
    this.collecting = collecting;
  }

  /** Starts to sample. */
  public void start(Duration period) {
    thread.scheduleAtFixedRate(
        this::sampleAll, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void sampleAll() {
    fleet.nodes().stream().filter(WorkerNode::isAlive).forEach(this::sample);
  }

  private void sample(WorkerNode node) {
    Path process = Path.of("/proc", Long.toString(node.pid()));
    try {
      if (collecting) {
        collect(node.pid());
      }
      history.add(
          new Entry.Sample(
              History.now(),
              node.name(),
              node.pid(),
              node.heapBytes(),
              status(process, "VmRSS:") * 1024,
              (int) entries(process.resolve("fd")),
              (int) status(process, "Threads:"),
              open.ended()));
    } catch (IOException e) {
      // The process has ended, or this system is not Linux.
    }
  }

  private static void collect(long pid) throws IOException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process command =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!command.waitFor(COLLECTION_SECONDS, TimeUnit.SECONDS)) {
        command.destroyForcibly();
      }
    } catch (InterruptedException e) {
      command.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static long status(Path process, String name) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static long entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
