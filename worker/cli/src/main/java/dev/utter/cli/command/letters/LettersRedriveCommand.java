package dev.utter.cli.command.letters;

import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.letters.Letter;
import dev.utter.worker.operator.letters.LetterFilter;
import dev.utter.worker.operator.letters.LetterHandling;
import dev.utter.worker.operator.letters.LetterLog;
import dev.utter.worker.operator.letters.RedriveRules;
import dev.utter.worker.settings.KafkaSettings;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes the records of dead letters again. */
@Command(
    name = "redrive",
    description = {
      "Publishes the records of dead letters again, byte for byte, to the topics they came from.",
      "Says what it would do; does it with --yes. Each record and the mark that it was redriven are"
          + " one transaction, so that the command can be repeated: no record is published twice.",
      "A request is processed again and gets a second outcome, behind the failed event that it has."
    },
    exitCodeList = {
      "0:all that are meant are redriven, or would be",
      "1:none is meant, or some are refused",
      "2:wrong command line or settings",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class LettersRedriveCommand implements Callable<Integer> {
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

  @Option(
      names = "--max-replays",
      paramLabel = "NUMBER",
      description =
          "How often a record may be redriven in all, as its header utter.redrives counts"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "" + RedriveRules.DEFAULT_MAX_REPLAYS)
  private int maxReplays;

  @Option(
      names = "--force",
      description = "Also those that were redriven or dropped before, or too often.")
  private boolean force;

  @Option(names = "--json", description = "Print one object of JSON on each line.")
  private boolean json;

  @Override
  public Integer call() {
    if (maxReplays < 1) {
      throw new ParameterException(
          spec.commandLine(), "--max-replays is " + maxReplays + ", must be 1 or more");
    }
    // Letters that are named are reported as already handled instead of being left out.
    LetterFilter filter = options.chosen(letters, all, force || !letters.isEmpty());
    RedriveRules rules = new RedriveRules(maxReplays, force);
    KafkaSettings kafka = settings.load().kafka();
    if (!yes) {
      return run(kafka, filter, rules, "would redrive", letter -> Optional.empty());
    }
    try (LetterHandling handling = new LetterHandling(kafka)) {
      return run(kafka, filter, rules, "redriven", handling::redrive);
    }
  }

  private int run(
      KafkaSettings kafka, LetterFilter filter, RedriveRules rules, String done, Redrive redrive) {
    LetterWork work =
        new LetterWork(
            spec.commandLine().getOut(),
            json,
            done,
            letter -> rules.refusal(letter).or(() -> redrive.of(letter)));
    try (LetterLog log = new LetterLog(kafka)) {
      log.forEach(filter, work::accept);
    }
    return work.finish(!yes);
  }

  private interface Redrive {
    Optional<String> of(Letter letter);
  }
}
