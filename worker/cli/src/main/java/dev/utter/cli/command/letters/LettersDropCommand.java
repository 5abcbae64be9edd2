package dev.utter.cli.command.letters;

import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.letters.Letter;
import dev.utter.worker.operator.letters.LetterFilter;
import dev.utter.worker.operator.letters.LetterHandling;
import dev.utter.worker.operator.letters.LetterLog;
import dev.utter.worker.operator.letters.LetterState;
import dev.utter.worker.settings.KafkaSettings;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Marks dead letters as dropped. */
@Command(
    name = "drop",
    description = {
      "Marks dead letters as done with: list and redrive pass them over from then on.",
      "Kafka cannot delete one record of a log: the bytes stay until the retention of"
          + " utter.dead-letters ends. Says what it would do; does it with --yes."
    },
    exitCodeList = {
      "0:all that are meant are dropped, or would be",
      "1:none is meant, or some are refused",
      "2:wrong command line or settings",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class LettersDropCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;
  @Mixin private LetterOptions options;

  @Parameters(
      paramLabel = "LETTER",
      arity = "0..*",
      description = "Dead letters, PARTITION:OFFSET as list prints it.")
  private List<String> letters = List.of();

  @Option(names = "--all", description = "All that are open, without another choice.")
  private boolean all;

  @Option(names = "--yes", description = "Do it.")
  private boolean yes;

  @Option(names = "--json", description = "Print one object of JSON on each line.")
  private boolean json;

  @Override
  public Integer call() {
    LetterFilter filter = options.chosen(letters, all, !letters.isEmpty());
    KafkaSettings kafka = settings.load().kafka();
    if (!yes) {
      return run(kafka, filter, "would drop", letter -> {});
    }
    try (LetterHandling handling = new LetterHandling(kafka)) {
      return run(kafka, filter, "dropped", handling::drop);
    }
  }

  private int run(KafkaSettings kafka, LetterFilter filter, String done, Consumer<Letter> drop) {
    LetterWork work =
        new LetterWork(
            spec.commandLine().getOut(),
            json,
            done,
            letter -> {
              if (letter.state() != LetterState.OPEN) {
                return Optional.of("it is " + letter.state() + " already");
              }
              drop.accept(letter);
              return Optional.empty();
            });
    try (LetterLog log = new LetterLog(kafka)) {
      log.forEach(filter, work::accept);
    }
    return work.finish(!yes);
  }
}
