package dev.utter.cli.command.worker;

import dev.utter.worker.WorkerProcess;
import dev.utter.worker.failure.WorkerBrokenException;

/** Runs a worker in its process. */
public final class WorkerRun {
  private WorkerRun() {}

  /**
   * Starts a worker and waits until it is broken. A shutdown hook closes the worker when the
   * process ends.
   *
   * @return why the worker is broken
   */
  public static WorkerBrokenException untilBroken(WorkerProcess worker) {
    Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "worker-stop"));
    worker.start();
    return worker.broken().join();
  }
}
