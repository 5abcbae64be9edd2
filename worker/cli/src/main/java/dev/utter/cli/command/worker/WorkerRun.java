package dev.utter.cli.command.worker;

import dev.utter.worker.WorkerProcess;
import dev.utter.worker.failure.WorkerBrokenException;

/** What the process of a worker is for. */
public final class WorkerRun {
  private WorkerRun() {}

  /**
   * Starts a worker and waits for as long as it is well. It is closed when the process ends, for
   * whatever reason.
   *
   * @return why it is broken
   */
  public static WorkerBrokenException untilBroken(WorkerProcess worker) {
    Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "worker-stop"));
    worker.start();
    return worker.broken().join();
  }
}
