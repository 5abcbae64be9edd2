package dev.utter.cli.chaos;

import dev.utter.cli.command.ExitCodes;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A history once more. */
@Command(
    name = "check",
    description =
        "Holds the history of an earlier run against the promises and writes its reports anew.",
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class CheckCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Parameters(paramLabel = "FILE", description = "A history.jsonl.")
  private Path file;

  @Override
  public Integer call() throws Exception {
    return options.check(file).holds() ? ExitCodes.OK : ExitCodes.NO;
  }
}
