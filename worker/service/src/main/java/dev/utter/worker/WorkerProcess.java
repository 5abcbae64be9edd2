package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.LifeCycle.State;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.network.Networks;
import dev.utter.worker.network.PublishedNetworks;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.telemetry.Drain;
import dev.utter.worker.telemetry.Health;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker with the roles its settings give it, and its life cycle; {@link WorkerAssembly}
 * assembles it and documents the order of the start.
 *
 * <p>The start waits for what is unavailable: the worker is live then and not ready, and readiness
 * names what it waits for. A fault that waiting cannot cure ends the start. A start that ends early
 * closes what it had started.
 *
 * <p>Threading: start and close may come from any thread, once each; the rest from any.
 */
public final class WorkerProcess implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(WorkerProcess.class);

  /** A broken worker must be replaced soon. What it holds has been handed over, or cannot be. */
  private static final Duration BROKEN_STOP = Duration.ofSeconds(5);

  private final WorkerSettings settings;
  private final Clock clock = Clock.systemUTC();
  private final LifeCycle lifeCycle = new LifeCycle();
  private final CompletableFuture<WorkerBrokenException> broken = new CompletableFuture<>();
  private final CompletableFuture<Void> startEnded = new CompletableFuture<>();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private final CompletableFuture<Void> mayExit = new CompletableFuture<>();
  private final WorkerAssembly assembly;

  /** A worker that has not started. */
  public WorkerProcess(WorkerSettings settings) {
    this(settings, new PublishedNetworks());
  }

  /**
   * A worker with given networks, for measurements of everything around them. No setting selects
   * this.
   */
  public WorkerProcess(WorkerSettings settings, Networks networks) {
    this.settings = requireNonNull(settings, "settings is null");
    assembly = new WorkerAssembly(settings, networks, clock, this::breakDown);
  }

  /**
   * Starts the worker. Waits for what is unavailable, and returns when every part has started.
   * {@link #isReady} reports whether all parts work.
   *
   * @throws WorkerBrokenException if there is a fault that waiting cannot cure
   * @throws CancellationException if it was closed meanwhile; then everything that had started is
   *     closed
   * @throws IllegalStateException on a second call
   */
  public void start() {
    lifeCycle.move(State.LATENT, State.STARTING);
    try {
      assembly.start(health(), drain());
      lifeCycle.move(State.STARTING, State.RUNNING);
    } catch (RuntimeException | Error e) {
      assembly.close(stopLimit(), e);
      lifeCycle.move(State.STARTING, State.STOPPED);
      throw e;
    } finally {
      startEnded.complete(null);
    }
    LOGGER
        .atInfo()
        .addKeyValue("worker", settings.worker().name())
        .addKeyValue("roles", settings.worker().roles())
        .addKeyValue("httpPort", httpPort())
        .log("Worker started");
  }

  /** Completes with the reason if the worker breaks; it should be closed then. */
  public CompletableFuture<WorkerBrokenException> broken() {
    return broken.copy();
  }

  /**
   * Completes when the worker was drained by an operator who wants the process to end then; it
   * should be closed.
   */
  public CompletableFuture<Void> mayExit() {
    return mayExit.copy();
  }

  /** Whether every part works. */
  public boolean isReady() {
    return lifeCycle.state() == State.RUNNING
        && !broken.isDone()
        && waiting().values().stream().allMatch(Optional::isEmpty);
  }

  /** Whether a stop was requested. */
  boolean isStopping() {
    return assembly.isStopping();
  }

  /** For each part what it still waits for; empty if it works. */
  public Map<String, Optional<String>> waiting() {
    Map<String, Optional<String>> waiting = new LinkedHashMap<>();
    State state = lifeCycle.state();
    waiting.put(
        "worker", state == State.RUNNING ? Optional.empty() : Optional.of("it is " + state));
    waiting.putAll(assembly.waiting());
    return waiting;
  }

  /** The port of health and metrics. */
  public int httpPort() {
    return assembly
        .httpPort()
        .orElseThrow(() -> new IllegalStateException("the worker has not started"));
  }

  /**
   * Stops: takes no new work, and finishes or hands over what it has, within the configured time; a
   * broken worker takes only a few seconds. During the start, a wait ends at once, and no part
   * starts after the current one. A second call does nothing.
   */
  @Override
  public void close() {
    if (lifeCycle.tryMove(State.LATENT, State.STOPPED)) {
      return;
    }
    assembly.requestStop();
    if (!startHasEnded() || !beginStop()) {
      return;
    }
    LOGGER.atInfo().addKeyValue("worker", settings.worker().name()).log("Worker stops");
    IllegalStateException failure = new IllegalStateException("the worker did not stop cleanly");
    assembly.close(stopLimit(), failure);
    lifeCycle.move(State.STOPPING, State.STOPPED);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
    LOGGER.atInfo().addKeyValue("worker", settings.worker().name()).log("Worker stopped");
  }

  private boolean beginStop() {
    // In this order a drain that ends meanwhile cannot escape the stop.
    return lifeCycle.tryMove(State.RUNNING, State.STOPPING)
        || lifeCycle.tryMove(State.DRAINING, State.STOPPING)
        || lifeCycle.tryMove(State.DRAINED, State.STOPPING);
  }

  private Duration stopLimit() {
    Duration full = settings.worker().stopTimeout();
    return broken.isDone() && BROKEN_STOP.compareTo(full) < 0 ? BROKEN_STOP : full;
  }

  private boolean startHasEnded() {
    try {
      startEnded.get(settings.worker().stopTimeout().toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      LOGGER
          .atWarn()
          .log("Start did not end in time after a stop was requested; it ends with the process");
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void breakDown(WorkerBrokenException why) {
    if (broken.complete(why)) {
      LOGGER
          .atError()
          .addKeyValue("worker", settings.worker().name())
          .setCause(why)
          .log("Worker is broken");
    }
  }

  private Drain drain() {
    return new Drain() {
      @Override
      public Progress progress() {
        State state = lifeCycle.state();
        return switch (state) {
          case RUNNING -> progress(Drain.Phase.WORKING, 0, List.of());
          case DRAINING ->
              progress(Drain.Phase.DRAINING, assembly.unfinished(), assembly.draining());
          case DRAINED -> progress(Drain.Phase.DRAINED, 0, List.of());
          default -> progress(Drain.Phase.UNAVAILABLE, 0, List.of());
        };
      }

      private Progress progress(Drain.Phase phase, int requests, List<String> parts) {
        return new Progress(settings.worker().name(), phase, requests, parts);
      }

      @Override
      public Progress begin(boolean exit) {
        if (lifeCycle.tryMove(State.RUNNING, State.DRAINING)) {
          Thread drainer = new Thread(WorkerProcess.this::runDrain, "utter-drain");
          drainer.setDaemon(true);
          drainer.start();
        }
        if (exit) {
          drained.thenRun(() -> mayExit.complete(null));
        }
        return progress();
      }
    };
  }

  private void runDrain() {
    LOGGER.atInfo().addKeyValue("worker", settings.worker().name()).log("Worker drains");
    try {
      assembly.drain();
    } catch (RuntimeException e) {
      breakDown(new WorkerBrokenException("the worker could not be drained: " + e, e));
      return;
    }
    if (lifeCycle.tryMove(State.DRAINING, State.DRAINED)) {
      LOGGER.atInfo().addKeyValue("worker", settings.worker().name()).log("Worker drained");
      drained.complete(null);
    }
  }

  private Health health() {
    return new Health() {
      @Override
      public Optional<String> broken() {
        return Optional.ofNullable(broken.getNow(null))
            .map(Throwable::getMessage)
            .or(assembly::hung);
      }

      @Override
      public Map<String, Optional<String>> parts() {
        return waiting();
      }
    };
  }
}
