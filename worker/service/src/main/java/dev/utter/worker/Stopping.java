package dev.utter.worker;

import dev.utter.worker.threads.NamedThreads;
import java.time.Duration;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes parts in parallel, within one time limit. */
final class Stopping {
  private static final Logger LOGGER = LoggerFactory.getLogger(Stopping.class);

  private Stopping() {}

  /**
   * Closes parts. Those that take longer than the limit are left to end with the process.
   *
   * @param failure receives what the parts throw as suppressed exceptions
   * @return whether all threads of all parts have ended
   */
  static boolean close(List<Part> parts, Duration limit, Throwable failure) {
    long end = System.nanoTime() + limit.toNanos();
    NamedThreads threads = NamedThreads.daemons("utter-close");
    ExecutorService closers = Executors.newCachedThreadPool(threads);
    Map<Part, CompletableFuture<Boolean>> closings = new LinkedHashMap<>();
    parts.forEach(
        part ->
            closings.put(part, CompletableFuture.supplyAsync(() -> part.close(limit), closers)));
    closers.shutdown();
    boolean ended = true;
    for (Map.Entry<Part, CompletableFuture<Boolean>> closing : closings.entrySet()) {
      ended &= hasEnded(closing.getKey(), closing.getValue(), end, failure);
    }
    if (ended) {
      threads.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    } else {
      closers.shutdownNow();
    }
    return ended;
  }

  private static boolean hasEnded(
      Part part, CompletableFuture<Boolean> closing, long end, Throwable failure) {
    try {
      boolean ended = closing.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (!ended) {
        left(part);
      }
      return ended;
    } catch (TimeoutException e) {
      left(part);
      return false;
    } catch (ExecutionException e) {
      failure.addSuppressed(e.getCause());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void left(Part part) {
    LOGGER
        .atWarn()
        .addKeyValue("part", part.name())
        .log("Part did not stop in time, and is left to end with the process");
  }

  /** Closes all, the last first; what goes wrong becomes a suppressed exception. */
  static void closeAll(Deque<AutoCloseable> resources, Throwable failure) {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }
}
