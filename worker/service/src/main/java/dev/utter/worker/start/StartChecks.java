package dev.utter.worker.start;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.threads.NamedThreads;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named checks, tried in the order in which they were added, each repeatedly until it passes. A
 * round tries every check that has not passed yet, so that one round names everything that is
 * missing. A check ends in one of three ways:
 *
 * <ul>
 *   <li>it returns: it has passed, and is not tried again;
 *   <li>{@link RetryLaterException}: something is unavailable, or can be repaired while the worker
 *       waits. {@link #waiting} returns the message;
 *   <li>any other exception, usually {@link WorkerBrokenException}: waiting cannot help, and {@link
 *       #run} throws it.
 * </ul>
 *
 * <p>Threading: add and run from one thread; stop and waiting from any. The checks run on a
 * separate thread, which {@link #stop} interrupts.
 */
public final class StartChecks {
  private static final Logger LOGGER = LoggerFactory.getLogger(StartChecks.class);
  private static final String NOT_TRIED = "not tried yet";

  private final Duration pauseBetween;
  private final Pause pause = new Pause();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final List<Check> checks = new ArrayList<>();
  private final Map<String, Optional<String>> waiting = new LinkedHashMap<>();

  private record Check(String name, Runnable attempt) {}

  /**
   * No checks yet.
   *
   * @param pauseBetween pause between two rounds
   */
  public StartChecks(Duration pauseBetween) {
    this.pauseBetween = requireNonNull(pauseBetween, "pauseBetween is null");
  }

  /** Adds a check after the others. */
  public void add(String name, Runnable attempt) {
    requireNonNull(attempt, "attempt is null");
    checks.add(new Check(requireNonNull(name, "name is null"), attempt));
    note(name, Optional.of(NOT_TRIED));
  }

  /**
   * Returns when every check has passed.
   *
   * @throws CancellationException if {@link #stop} was called before
   * @throws WorkerBrokenException if a check found a fault that waiting cannot cure
   */
  public void run() {
    NamedThreads threads = NamedThreads.daemons("utter-start");
    ExecutorService thread = Executors.newSingleThreadExecutor(threads);
    try {
      List<Check> left = List.copyOf(checks);
      while (!left.isEmpty()) {
        left = left.stream().filter(check -> !passes(check, thread)).toList();
        if (!left.isEmpty() && !pause.await(pauseBetween)) {
          throw stopped();
        }
      }
    } finally {
      thread.shutdownNow();
      if (!stopped.isDone()) {
        threads.join(pauseBetween);
      }
    }
  }

  /** One attempt of every check, in order. */
  public Map<String, Runnable> attempts() {
    Map<String, Runnable> attempts = new LinkedHashMap<>();
    checks.forEach(check -> attempts.put(check.name(), check.attempt()));
    return attempts;
  }

  /** Ends {@link #run}, whatever it waits for. */
  public void stop() {
    stopped.complete(null);
    pause.close();
  }

  /** For each check, in order, why it has not passed; empty if it has. */
  public Map<String, Optional<String>> waiting() {
    synchronized (waiting) {
      return new LinkedHashMap<>(waiting);
    }
  }

  private boolean passes(Check check, ExecutorService thread) {
    CompletableFuture<Void> attempt = CompletableFuture.runAsync(check.attempt(), thread);
    try {
      CompletableFuture.anyOf(attempt, stopped).join();
    } catch (CompletionException e) {
      if (!stopped.isDone() && e.getCause() instanceof RetryLaterException later) {
        failed(check, later);
        return false;
      }
      if (!stopped.isDone()) {
        throw e.getCause() instanceof RuntimeException known ? known : e;
      }
    }
    if (stopped.isDone()) {
      throw stopped();
    }
    if (note(check.name(), Optional.empty())
        .filter(before -> !before.equals(NOT_TRIED))
        .isPresent()) {
      LOGGER.atInfo().addKeyValue("check", check.name()).log("Start check passed after waiting");
    }
    return true;
  }

  private void failed(Check check, RetryLaterException why) {
    String message = String.valueOf(why.getMessage());
    Optional<String> before = note(check.name(), Optional.of(message));
    if (!before.equals(Optional.of(message))) {
      LOGGER
          .atWarn()
          .addKeyValue("check", check.name())
          .addKeyValue("reason", message)
          .log("Start check has not passed, the worker waits");
    }
  }

  private Optional<String> note(String name, Optional<String> why) {
    synchronized (waiting) {
      return Optional.ofNullable(waiting.put(name, why)).flatMap(before -> before);
    }
  }

  private static CancellationException stopped() {
    return new CancellationException("the worker was stopped during its start");
  }
}
