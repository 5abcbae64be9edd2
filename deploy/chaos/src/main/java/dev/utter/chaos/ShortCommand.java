package dev.utter.chaos;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A run of one or two minutes. */
@Command(
    name = "short",
    description =
        "A third of the faults, in one to two minutes; three seeds in a row have them all.",
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
final class ShortCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Override
  public Integer call() throws Exception {
    return Judgement.exitCode(
        options.run(
            ChaosSettings.brief(
                options.seed(), RunOptions.model(), options.out("short-" + options.seed()))));
  }
}
