package dev.utter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The page of the commands is what the commands say of themselves. */
class CommandsPageTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final Path PAGE = ROOT.resolve("docs/cli.md");
  private static final int COLUMNS = 120;

  private static final String BEGIN = "<!-- generated: begin -->\n";
  private static final String END = "<!-- generated: end -->\n";

  private static final List<CommandLine> PROGRAMS =
      List.of(
          dev.utter.demo.Main.commandLine(),
          dev.utter.cli.Main.commandLine(),
          dev.utter.producer.Main.commandLine(),
          dev.utter.benchmarks.Main.commandLine(),
          dev.utter.chaos.Main.commandLine());

  @Test
  void theCommandsPageHasTheHelpOfEveryCommand() throws IOException {
    // Given
    String page = Files.readString(PAGE);

    // When
    String help =
        PROGRAMS.stream()
            .flatMap(CommandsPageTest::commands)
            .map(CommandsPageTest::section)
            .collect(Collectors.joining());
    String generated =
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + help
            + page.substring(page.indexOf(END));

    // Then
    Path target = Files.createDirectories(ROOT.resolve("deploy/demo/target")).resolve("cli.md");
    Files.writeString(target, generated);
    assertThat(page)
        .as("differs from the commands: cp %s %s", ROOT.relativize(target), ROOT.relativize(PAGE))
        .isEqualTo(generated);
  }

  /** The commands below one, each before those below it. */
  private static Stream<CommandLine> commands(CommandLine command) {
    return command.getSubcommands().values().stream()
        .distinct()
        .flatMap(each -> Stream.concat(Stream.of(each), commands(each)));
  }

  private static String section(CommandLine command) {
    command.setUsageHelpWidth(COLUMNS);
    return "\n## `%s`\n\n```text\n%s```\n"
        .formatted(command.getCommandSpec().qualifiedName(), command.getUsageMessage(Ansi.OFF));
  }
}
