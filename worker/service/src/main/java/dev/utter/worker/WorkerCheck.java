package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.torch.TorchEngine;
import dev.utter.worker.network.PublishedNetworks;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.start.MemoryPlan;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Checks whether a worker could start now: tries each check of its start once, loads the networks
 * that it needs, and starts nothing. Like a start it may create topics, register schemas and put
 * small objects into the bucket.
 *
 * <p>Threading: one attempt at a time; each may run on another thread.
 */
public final class WorkerCheck implements AutoCloseable {
  private final WorkerSettings settings;
  private final WorkerAssembly assembly;

  /** Nothing is tried yet. */
  public WorkerCheck(WorkerSettings settings) {
    this.settings = requireNonNull(settings, "settings is null");
    assembly =
        new WorkerAssembly(settings, new PublishedNetworks(), Clock.systemUTC(), broken -> {});
  }

  /**
   * One attempt of each check, in order; each throws what is wrong. To be asked for once.
   *
   * @return the attempts by name: name, kafka, skips, registry, storage, decoder, model, signing,
   *     watermark, as far as the worker's roles need them; memory without a model
   */
  public Map<String, Runnable> attempts() {
    return assembly.attempts();
  }

  /**
   * Tries each once.
   *
   * @return for each check, in order, what is wrong; empty if nothing is
   */
  public Map<String, Optional<String>> run() {
    Map<String, Optional<String>> found = new LinkedHashMap<>();
    attempts().forEach((name, attempt) -> found.put(name, failure(attempt)));
    return found;
  }

  private static Optional<String> failure(Runnable attempt) {
    try {
      attempt.run();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Compares the memory that a worker takes at least with what this process may take. Reads the
   * headers of files, and loads nothing.
   *
   * @return the parts and their sum
   * @throws dev.utter.worker.failure.WorkerBrokenException if it is more, with what to lower
   * @throws dev.utter.speech.failure.CheckpointException if there is no such model
   */
  public static String memory(WorkerSettings settings) {
    MemoryPlan plan = WorkerMemory.atLeast(settings);
    long limit = TorchEngine.hostMemoryLimit();
    plan.check(limit);
    return plan + " bytes of " + limit;
  }

  /** Closes what the attempts opened. No attempt may be running. */
  @Override
  public void close() {
    assembly.close(
        settings.worker().stopTimeout(),
        new IllegalStateException("the check did not end cleanly"));
  }
}
