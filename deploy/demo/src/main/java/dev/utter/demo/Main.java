package dev.utter.demo;

import dev.utter.cli.Program;
import dev.utter.cli.ProgramVersion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The program of {@code utter demo}. */
@Command(
    name = "utter",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    description = "The demo of Utter.",
    subcommands = DemoCommand.class)
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
