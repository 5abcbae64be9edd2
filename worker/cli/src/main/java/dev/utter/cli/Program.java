package dev.utter.cli;

import dev.utter.cli.command.ExitCodes;
import dev.utter.events.EventClasses;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;

/** What every program of this project does around its commands. */
public final class Program {
  private static final char REPLACEMENT = '\uFFFD';

  private Program() {}

  /** The command line of a program's main class, with this project's messages for failures. */
  public static CommandLine commandLine(Object main) {
    return new CommandLine(main)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new FailureMessage());
  }

  /** Executes a command and ends the process with its exit status. */
  public static void run(CommandLine commandLine, String[] arguments) {
    setLogLevel(arguments);
    EventClasses.trust();
    Optional<String> lost = lostCharacters(arguments);
    if (lost.isPresent()) {
      System.err.println("utter: " + lost.get());
      System.exit(ExitCodes.USAGE);
    }
    System.exit(commandLine.execute(arguments));
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
}
