package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

  static Stream<List<String>> commands() {
    return Main.commandLine().getSubcommands().entrySet().stream()
        .flatMap(CommandLineTest::withSubcommands);
  }

  private static Stream<List<String>> withSubcommands(Map.Entry<String, CommandLine> command) {
    return Stream.concat(
        Stream.of(List.of(command.getKey())),
        command.getValue().getSubcommands().keySet().stream()
            .map(name -> List.of(command.getKey(), name)));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItself(List<String> command) {
    // When
    int exitCode =
        commandLine.execute(
            Stream.concat(command.stream(), Stream.of("--help")).toArray(String[]::new));

    // Then
    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .startsWith("Usage: utter " + String.join(" ", command))
        .contains("--help");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandThatDoesSomethingListsItsExitCodes(List<String> command) {
    // Given
    CommandLine found = commandLine;
    for (String name : command) {
      found = found.getSubcommands().get(name);
    }

    // When
    boolean doesSomething = found.getSubcommands().isEmpty();

    // Then
    assertThat(found.getCommandSpec().usageMessage().exitCodeList().keySet())
        .containsAll(doesSomething ? List.of("0", "2", "3") : List.of());
  }

  @Test
  void theRightsInKafkaArePrintedAsCommandsAndAsJson() {
    // When
    CommandRun commands =
        CommandRun.of(
            "acl",
            "print",
            "--for",
            "consumer",
            "--principal",
            "User:shop",
            "--bootstrap-server",
            "kafka:9092");
    CommandRun json = CommandRun.of("acl", "print", "--json");

    // Then
    assertThat(commands.exitCode()).as(commands.err()).isZero();
    assertThat(commands.out().lines())
        .hasSize(4)
        .contains(
            "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal \"User:shop\""
                + " --operation Read --topic \"utter.completed\"");
    assertThat(json.out().lines())
        .contains(
            "{\"party\":\"SYNTHESIS\",\"principal\":\"User:synthesis\",\"resourceType\":"
                + "\"TRANSACTIONAL_ID\",\"name\":\"utter-synthesis-\",\"patternType\":"
                + "\"PREFIXED\",\"operations\":[\"Write\"]}");
  }

  @Test
  void aCommandThatDoesNotExistIsAUsageError() {
    // When
    int exitCode = commandLine.execute("sing");

    // Then
    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("sing");
  }

  @Test
  void aFailureIsReportedInOneLine() {
    // When
    int exitCode = commandLine.execute("watermark", "detect", "no-such-file.wav");

    // Then
    assertThat(exitCode).isEqualTo(3);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("utter: ")
        .contains("no-such-file.wav");
  }

  @Test
  void anArgumentThatWasLostInTheLocaleIsNamed() {
    assertThat(Program.lostCharacters(new String[] {"speak", "--text", "Gr\uFFFD\uFFFDe"}))
        .hasValueSatisfying(message -> assertThat(message).contains("LC_ALL=C.UTF-8"));
    assertThat(Program.lostCharacters(new String[] {"speak", "--text", "Gr\u00fc\u00dfe"}))
        .isEmpty();
  }
}
