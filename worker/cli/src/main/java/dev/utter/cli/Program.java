package dev.utter.cli;

import dev.utter.cli.command.ExitCodes;
import dev.utter.events.EventClasses;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Set-up and end that all programs of this project share. */
public final class Program {
  private static final char REPLACEMENT = '\uFFFD';

  private Program() {}

  /**
   * The command line of a program's main class, with the shared handling of enum values and
   * failures.
   */
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
   * Error message for an argument with characters that the locale's encoding does not have; empty
   * if there is none. Java replaces such characters, so a different text would be spoken without
   * notice.
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

  /**
   * Must run before the first logger is made. The worker logs at INFO, the other commands only
   * errors.
   */
  private static void setLogLevel(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("worker")) {
      System.setProperty("utter.log.level", "INFO");
    }
  }
}
