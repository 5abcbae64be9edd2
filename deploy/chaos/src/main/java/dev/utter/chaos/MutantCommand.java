package dev.utter.chaos;

import dev.utter.chaos.mutant.Mutant;
import dev.utter.cli.command.ExitCodes;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A short run of workers with one deliberate defect. */
@Command(
    name = "mutant",
    description = "A short run of workers with one deliberate defect, which the checker must find.",
    exitCodeList = {
      "0:the defect was found",
      "1:the defect was not found",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
final class MutantCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RunOptions options;

  @Parameters(
      paramLabel = "NAME",
      description = "offsets-first, no-conditional-put, progress-ignored or door-never-closed.")
  private String name;

  @Override
  public Integer call() throws Exception {
    Mutant mutant =
        Mutant.named(name)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "there is no mutant "
                            + name
                            + ", only "
                            + Arrays.stream(Mutant.values())
                                .map(Mutant::words)
                                .collect(Collectors.joining(", "))));
    return MutantTrial.isCaught(mutant, options, spec.commandLine().getOut())
        ? ExitCodes.OK
        : ExitCodes.NO;
  }
}
