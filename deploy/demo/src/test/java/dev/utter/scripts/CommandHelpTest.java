package dev.utter.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The commands of all programs, as the launcher offers them. */
class CommandHelpTest {

  /** Each command of each program, by its words. */
  static Stream<Named<CommandLine>> commands() {
    return programs().flatMap(CommandHelpTest::commandsOf);
  }

  /** The programs; each has its commands below itself. */
  static Stream<CommandLine> programs() {
    return Stream.of(
        dev.utter.cli.Main.commandLine(),
        dev.utter.producer.Main.commandLine(),
        dev.utter.benchmarks.Main.commandLine(),
        dev.utter.chaos.Main.commandLine(),
        dev.utter.demo.Main.commandLine());
  }

  private static Stream<Named<CommandLine>> commandsOf(CommandLine parent) {
    return parent.getSubcommands().values().stream()
        .flatMap(
            command ->
                Stream.concat(
                    Stream.of(Named.of(command.getCommandSpec().qualifiedName(), command)),
                    commandsOf(command)));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItself(CommandLine command) {
    // Given
    StringWriter out = new StringWriter();
    String name = command.getCommandSpec().qualifiedName();
    CommandLine program = command.getCommandSpec().root().commandLine();
    program.setOut(new PrintWriter(out, true));

    // When
    int exitCode = program.execute(name.replaceFirst("utter ", "").concat(" --help").split(" "));

    // Then
    assertThat(exitCode).isZero();
    assertThat(out.toString()).startsWith("Usage: " + name).contains("--help");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandThatDoesSomethingListsItsExitCodes(CommandLine command) {
    // When
    boolean doesSomething = command.getSubcommands().isEmpty();
    Map<String, String> exitCodes = command.getCommandSpec().usageMessage().exitCodeList();

    // Then
    assertThat(exitCodes.keySet()).containsAll(doesSomething ? List.of("0", "2", "3") : List.of());
  }
}
