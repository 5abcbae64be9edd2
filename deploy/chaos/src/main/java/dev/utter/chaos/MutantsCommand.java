package dev.utter.chaos;

import dev.utter.chaos.mutant.Mutant;
import dev.utter.cli.command.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Every mutant, one after another. */
@Command(
    name = "mutants",
    description = "Every mutant in turn, each with a short run.",
    exitCodeList = {
      "0:every defect was found",
      "1:a defect was not found",
      "2:wrong command line",
      "3:a run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
final class MutantsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RunOptions options;

  @Override
  public Integer call() throws Exception {
    boolean all = true;
    for (Mutant mutant : Mutant.values()) {
      all &= MutantTrial.isCaught(mutant, options, spec.commandLine().getOut());
    }
    return all ? ExitCodes.OK : ExitCodes.NO;
  }
}
