package dev.utter.chaos;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A run with every fault, several times. */
@Command(
    name = "long",
    description = "Every fault, several times over, under 10,000 requests.",
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
final class LongCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Requests beside those that faults publish (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Override
  public Integer call() throws Exception {
    return Judgement.exitCode(
        options.run(
            ChaosSettings.extended(
                options.seed(),
                requests,
                RunOptions.model(),
                options.out("long-" + options.seed()))));
  }
}
