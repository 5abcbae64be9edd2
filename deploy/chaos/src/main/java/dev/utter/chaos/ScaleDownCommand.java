package dev.utter.chaos;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A run in which a worker leaves. */
@Command(
    name = "scale-down",
    description =
        "A busy worker of two leaves, by SIGTERM and by a drain, and must finish what it began; in a minute.",
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class ScaleDownCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Override
  public Integer call() throws Exception {
    return Judgement.exitCode(
        options.run(
            ChaosSettings.scaleDown(
                options.seed(), RunOptions.model(), options.out("scale-down-" + options.seed()))));
  }
}
