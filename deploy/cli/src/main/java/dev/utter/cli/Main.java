package dev.utter.cli;

import dev.utter.cli.bench.BenchCommand;
import dev.utter.cli.chaos.ChaosCommand;
import dev.utter.cli.command.DemoCommand;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelCommand;
import dev.utter.cli.command.ParityCommand;
import dev.utter.cli.command.SpeakCommand;
import dev.utter.cli.command.WatermarkCommand;
import dev.utter.cli.command.WorkerCommand;
import dev.utter.events.EventClasses;
import dev.utter.producer.ProduceCommand;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The program {@code utter}. */
@Command(
    name = "utter",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    description = "Request events in, watermarked speech out.",
    subcommands = {
      DemoCommand.class,
      WorkerCommand.class,
      ProduceCommand.class,
      SpeakCommand.class,
      WatermarkCommand.class,
      ParityCommand.class,
      ModelCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
    })
public final class Main {
  private static final char REPLACEMENT = '\uFFFD';

  private Main() {}

  public static void main(String[] arguments) {
    setLogLevel(arguments);
    EventClasses.trust();
    Optional<String> lost = lostCharacters(arguments);
    if (lost.isPresent()) {
      System.err.println("utter: " + lost.get());
      System.exit(ExitCodes.USAGE);
    }
    System.exit(commandLine().execute(arguments));
  }

  /**
   * What to say of an argument with characters that the locale's encoding does not have. Java makes
   * replacement characters of them, and another text would be spoken without notice.
   */
  static Optional<String> lostCharacters(String[] arguments) {
    return Stream.of(arguments)
        .filter(argument -> argument.indexOf(REPLACEMENT) >= 0)
        .findFirst()
        .map(
            argument ->
                "argument \""
                    + argument
                    + "\" has characters that the locale's encoding, "
                    + System.getProperty("sun.jnu.encoding")
                    + ", does not have: set LC_ALL=C.UTF-8");
  }

  /** Before the first logger is made: the worker keeps a log, the other commands are quiet. */
  private static void setLogLevel(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("worker")) {
      System.setProperty("utter.log.level", "INFO");
    }
  }

  /** The program's command line, ready to execute or to ask for help. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new FailureMessage());
  }
}
