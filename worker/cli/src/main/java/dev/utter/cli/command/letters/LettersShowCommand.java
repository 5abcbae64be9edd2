package dev.utter.cli.command.letters;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.letters.Letter;
import dev.utter.worker.operator.letters.LetterFilter;
import dev.utter.worker.operator.letters.LetterLog;
import dev.utter.worker.rules.Excerpt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints everything about one dead letter. */
@Command(
    name = "show",
    description = "Prints everything about one dead letter but the bytes of its record.",
    exitCodeList = {
      "0:it printed the dead letter",
      "1:there is none at this position",
      "2:wrong command line or settings",
      "3:Kafka could not be used, or the file could not be written"
    },
    exitCodeListHeading = "Exit codes:%n")
final class LettersShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;

  @Parameters(
      paramLabel = "LETTER",
      description = "The dead letter, PARTITION:OFFSET as list prints it.")
  private String letter;

  @Option(
      names = "--value",
      paramLabel = "FILE",
      description = "Write the bytes of the record to this file.")
  private Path valueFile;

  @Option(names = "--json", description = "Print the dead letter as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    LetterFilter filter =
        new LetterFilter(
            Set.of(LetterOptions.position(spec, letter)),
            Set.of(),
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true);
    List<Letter> found = new ArrayList<>();
    try (LetterLog log = new LetterLog(settings.load().kafka())) {
      log.forEach(filter, found::add);
    }
    if (found.isEmpty()) {
      spec.commandLine().getErr().println("utter: no dead letter is at " + letter);
      return ExitCodes.NO;
    }
    print(found.get(0));
    if (valueFile != null) {
      Files.write(valueFile, found.get(0).value().orElse(new byte[0]));
    }
    return ExitCodes.OK;
  }

  private void print(Letter found) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(LetterReport.jsonWithHeaders(found));
    } else {
      out.println("letter: " + found.position());
      out.println("written: " + found.at());
      out.println("state: " + found.state());
      out.println("reason: " + found.reason());
      out.println("message: " + LetterReport.printable(found.message()));
      out.println(
          "from: %s, partition %s, offset %s"
              .formatted(found.topic(), found.partition(), found.offset()));
      out.println("key: " + Excerpt.of(found.key().orElse(null)));
      out.println(
          "value: "
              + found
                  .omitted()
                  .map(size -> "left out, " + size)
                  .orElseGet(
                      () -> found.value().map(value -> value.length + " bytes").orElse("none")));
      found
          .originalHeaders()
          .forEach(
              header ->
                  out.println(
                      "header "
                          + LetterReport.printable(header.getKey())
                          + ": "
                          + Excerpt.of(header.getValue())));
    }
    out.flush();
  }
}
