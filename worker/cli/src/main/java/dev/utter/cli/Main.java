package dev.utter.cli;

import dev.utter.cli.command.ForgetCommand;
import dev.utter.cli.command.ModelCommand;
import dev.utter.cli.command.ParityCommand;
import dev.utter.cli.command.SpeakCommand;
import dev.utter.cli.command.WatermarkCommand;
import dev.utter.cli.command.WorkerCommand;
import dev.utter.cli.verify.VerifyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The program of a production image. */
@Command(
    name = "utter",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    description = "Request events in, watermarked speech out.",
    subcommands = {
      WorkerCommand.class,
      ForgetCommand.class,
      SpeakCommand.class,
      WatermarkCommand.class,
      VerifyCommand.class,
      ParityCommand.class,
      ModelCommand.class,
    })
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Program.run(commandLine(), arguments);
  }

  /** The program's command line, ready to execute or to ask for help. */
  public static CommandLine commandLine() {
    return Program.commandLine(new Main());
  }
}
