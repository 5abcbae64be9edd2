package dev.utter.producer;

import dev.utter.events.EventClasses;
import dev.utter.producer.command.FailureMessage;
import dev.utter.producer.command.ProduceCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The program of {@code utter produce}. */
@Command(
    name = "utter",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    description = "A client of Utter.",
    subcommands = ProduceCommand.class)
public final class Main {
  private static final String LOGGING = "logback.configurationFile";

  private Main() {}

  public static void main(String[] arguments) {
    // Before the first logger is made.
    if (System.getProperty(LOGGING) == null) {
      System.setProperty(LOGGING, "dev/utter/producer/logback.xml");
    }
    EventClasses.trust();
    System.exit(commandLine().execute(arguments));
  }

  /** The program's command line, ready to execute or to ask for help. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new FailureMessage());
  }
}
