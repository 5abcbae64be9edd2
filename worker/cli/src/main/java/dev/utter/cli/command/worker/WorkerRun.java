package dev.utter.cli.command.worker;

import dev.utter.worker.WorkerProcess;
import dev.utter.worker.failure.WorkerBrokenException;
import java.util.concurrent.CompletableFuture;

/** Runs a worker in its process. */
public final class WorkerRun {
  private WorkerRun() {}

  /**
   * Starts a worker and waits until it is broken, or was drained and may end. A shutdown hook
   * closes the worker when the process ends.
   *
   * @throws WorkerBrokenException if the worker is broken
   */
  public static void untilEnd(WorkerProcess worker) {
    Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "worker-stop"));
    worker.start();
    CompletableFuture<WorkerBrokenException> broken = worker.broken();
    CompletableFuture.anyOf(broken, worker.mayExit()).join();
    if (broken.isDone()) {
      throw broken.join();
    }
  }
}
