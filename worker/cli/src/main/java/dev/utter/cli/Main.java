package dev.utter.cli;

import dev.utter.cli.command.letters.DeadLettersCommand;
import dev.utter.cli.command.model.ModelCommand;
import dev.utter.cli.command.model.ParityCommand;
import dev.utter.cli.command.speech.SpeakCommand;
import dev.utter.cli.command.speech.WatermarkCommand;
import dev.utter.cli.command.topics.AclCommand;
import dev.utter.cli.command.topics.TopicsCommand;
import dev.utter.cli.command.worker.CancelCommand;
import dev.utter.cli.command.worker.DrainCommand;
import dev.utter.cli.command.worker.ForgetCommand;
import dev.utter.cli.command.worker.SkipCommand;
import dev.utter.cli.command.worker.StatusCommand;
import dev.utter.cli.command.worker.WorkerCommand;
import dev.utter.cli.doctor.DoctorCommand;
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
      StatusCommand.class,
      CancelCommand.class,
      DrainCommand.class,
      SkipCommand.class,
      DeadLettersCommand.class,
      TopicsCommand.class,
      AclCommand.class,
      DoctorCommand.class,
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
