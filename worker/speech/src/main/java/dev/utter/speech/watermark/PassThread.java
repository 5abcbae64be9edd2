package dev.utter.speech.watermark;

import dev.utter.speech.Futures;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The thread that all passes of the process run on, one after the other. NNPACK keeps a work area
 * for every thread that ever convolved and never frees it, not even when the thread ends.
 */
final class PassThread {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread created = new Thread(task, "watermark");
            created.setDaemon(true);
            return created;
          });

  /** Waits for a pass; what it throws comes out as it is. */
  <T> T run(Supplier<T> pass) {
    return Futures.join(CompletableFuture.supplyAsync(pass, thread));
  }
}
