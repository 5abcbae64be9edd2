package dev.utter.chaos;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Many jobs and no fault. */
@Command(
    name = "soak",
    description = "50,000 small jobs without faults; samples heap, memory, open files and threads.",
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
final class SoakCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "50000",
      description = "Requests beside those that faults publish (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Override
  public Integer call() throws Exception {
    return Judgement.exitCode(
        options.run(
            ChaosSettings.soak(
                options.seed(),
                requests,
                RunOptions.model(),
                options.out("soak-" + options.seed()))));
  }
}
