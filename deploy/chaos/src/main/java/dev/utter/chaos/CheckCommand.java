package dev.utter.chaos;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks an earlier history again. */
@Command(
    name = "check",
    description = "Checks the history of an earlier run again and rewrites its reports.",
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the file cannot be read"
    },
    exitCodeListHeading = "Exit codes:%n")
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "A history.jsonl.")
  private Path file;

  @Override
  public Integer call() throws Exception {
    return Judgement.exitCode(Judgement.of(file, spec.commandLine().getOut()));
  }
}
