package dev.utter.cli.command.letters;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.letters.LetterLog;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints one line for each dead letter. */
@Command(
    name = "list",
    description = {
      "Prints one line for each dead letter, partition by partition, the oldest first.",
      "Those that were redriven or dropped are left out."
    },
    exitCodeList = {
      "0:it printed what there is",
      "2:wrong command line or settings",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class LettersListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;
  @Mixin private LetterOptions options;

  @Option(names = "--all", description = "Also those that were redriven or dropped.")
  private boolean all;

  @Option(names = "--json", description = "Print one object of JSON on each line.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (LetterLog log = new LetterLog(settings.load().kafka())) {
      log.forEach(
          options.filter(List.of(), all),
          letter -> out.println(json ? LetterReport.json(letter) : LetterReport.line(letter)));
    }
    out.flush();
    return ExitCodes.OK;
  }
}
