package dev.utter.chaos.process;

import dev.utter.chaos.history.History;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The workers of a run. */
public final class Fleet implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private static final long STOP_MINUTES = 2;

  private final Path folder;
  private final Backends backends;
  private final Path model;
  private final Program program;
  private final Optional<Program> other;
  private final History history;
  private final List<WorkerNode> nodes = new CopyOnWriteArrayList<>();
  private final Thread onExit = new Thread(this::killAll, "chaos-workers-kill");

  /**
   * Makes a fleet without workers.
   *
   * @param folder of settings, logs and state
   * @param model folder of the checkpoint
   * @param program what the workers run
   * @param other another version, which the workers of the beginning run; empty for none
   */
  public Fleet(
      Path folder,
      Backends backends,
      Path model,
      Program program,
      Optional<Program> other,
      History history) {
    this.folder = folder;
    this.backends = backends;
    this.model = model;
    this.program = program;
    this.other = other;
    this.history = history;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /** Adds and starts a worker. */
  public WorkerNode add(WorkerPlan plan) {
    WorkerNode node = new WorkerNode(folder, backends, plan, model, program, history);
    other.ifPresent(node::run);
    nodes.add(node);
    node.start();
    return node;
  }

  /** Removes a worker that was stopped and is not started again. */
  public void remove(WorkerNode node) {
    nodes.remove(node);
  }

  /** The version beside that of this source tree; empty if there is none. */
  public Optional<Program> other() {
    return other;
  }

  /** All workers. */
  public List<WorkerNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Workers with the role SYNTHESIS. */
  public List<WorkerNode> speakers() {
    return nodes.stream().filter(node -> node.plan().speaks()).toList();
  }

  /**
   * The worker of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public WorkerNode node(String name) {
    return nodes.stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no worker is called " + name));
  }

  /**
   * Returns when every worker reports ready.
   *
   * @throws TimeoutException if one does not in time; the message has the end of its log
   * @throws IllegalStateException if one ended
   */
  public void awaitReady(Duration limit) throws InterruptedException, TimeoutException {
    for (WorkerNode node : nodes) {
      awaitReady(node, limit);
    }
  }

  /** Returns when a worker reports ready; see {@link #awaitReady(Duration)}. */
  public void awaitReady(WorkerNode node, Duration limit)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!node.isReady()) {
      if (!node.isAlive()) {
        throw new IllegalStateException(node.name() + " ended: " + node.logEnd());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException(node.name() + " is not ready: " + node.logEnd());
      }
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
  }

  /** Restarts workers that ended without being stopped, as an orchestrator would. */
  public void restartEnded() {
    nodes.forEach(WorkerNode::restartIfEnded);
  }

  /** Asks all workers to stop; returns when all processes have ended. */
  public void stopAll() throws InterruptedException {
    ExecutorService stoppers = Executors.newCachedThreadPool();
    for (WorkerNode node : nodes) {
      stoppers.submit(
          () -> {
            node.stop();
            return node;
          });
    }
    stoppers.shutdown();
    stoppers.awaitTermination(STOP_MINUTES, TimeUnit.MINUTES);
  }

  private void killAll() {
    nodes.forEach(WorkerNode::destroy);
  }

  @Override
  public void close() {
    killAll();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The JVM is already shutting down.
    }
  }
}
