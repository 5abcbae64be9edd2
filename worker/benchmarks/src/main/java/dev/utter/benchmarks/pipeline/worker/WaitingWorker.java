package dev.utter.benchmarks.pipeline.worker;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.worker.WorkerRun;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.settings.WorkerSettings;
import java.time.Duration;
import java.util.Arrays;

/**
 * The process of one worker on the waiting engine, or on a watermark of random weights. It accepts
 * only a broker and a store on this machine, because its clips carry no watermark and must not
 * leave the machine.
 */
public final class WaitingWorker {
  private WaitingWorker() {}

  /**
   * Runs until the process is ended. Arguments: slots and milliseconds of a job for the waiting
   * engine, or none for the watermark of random weights. The settings come from the environment.
   */
  public static void main(String[] arguments) {
    WorkerSettings settings = WorkerSettings.parse("", System.getenv());
    requireLoopback(settings);
    WorkerProcess worker =
        new WorkerProcess(
            settings,
            arguments.length == 0
                ? new SizedNetworks()
                : new WaitingNetworks(
                    Integer.parseInt(arguments[0]),
                    Duration.ofMillis(Long.parseLong(arguments[1]))));
    try {
      WorkerRun.untilEnd(worker);
      System.exit(ExitCodes.OK);
    } catch (WorkerBrokenException e) {
      System.err.println(e.getMessage());
      System.exit(ExitCodes.FAILED);
    }
  }

  static void requireLoopback(WorkerSettings settings) {
    boolean brokers =
        Arrays.stream(settings.kafka().bootstrapServers().split(","))
            .allMatch(server -> server.strip().startsWith("127.0.0.1:"));
    if (!brokers || !"127.0.0.1".equals(settings.storage().orElseThrow().endpoint().getHost())) {
      throw new IllegalArgumentException(
          "this worker marks nothing that can be read, so it works with 127.0.0.1 only, not with "
              + settings.kafka().bootstrapServers()
              + " and "
              + settings.storage().orElseThrow().endpoint());
    }
  }
}
