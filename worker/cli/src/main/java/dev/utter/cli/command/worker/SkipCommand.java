package dev.utter.cli.command.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.skip.RecordFacts;
import dev.utter.worker.operator.skip.RecordSkipping;
import dev.utter.worker.operator.skip.Standing;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.skip.SkippingStage;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has a stage skip one record. */
@Command(
    name = "skip",
    description = {
      "Has a stage skip a record that it cannot get past. Without --yes it only prints what is"
          + " known of the record.",
      "The stage gives the request a failed event and the record a dead letter with the reason"
          + " SKIPPED_BY_OPERATOR, in the transaction that moves its offset. Workers that run do so"
          + " within seconds; others when they start."
    },
    exitCodeList = {
      "0:printed; with --yes: ordered; with --wait: the stage is past the record",
      "1:there is no such record, every stage is past it, or --wait took longer than --timeout",
      "2:wrong command line or settings; or several stages read the topic: name one with --stage",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class SkipCommand implements Callable<Integer> {
  private static final int MAX_NOTE = 500;
  private static final long POLL_MILLIS = 500;

  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;

  @Parameters(
      paramLabel = "TOPIC-PARTITION@OFFSET",
      description = "The record, for example utter.work.normal-3@1207.")
  private String record;

  @Option(
      names = "--stage",
      paramLabel = "STAGE",
      description =
          "Stage that skips it: ${COMPLETION-CANDIDATES} (default: the only one that reads the topic"
              + " and is not past the record).")
  private SkippingStage stage;

  @Option(names = "--note", paramLabel = "TEXT", description = "Message of the dead letter.")
  private String note;

  @Option(names = "--yes", description = "Order it.")
  private boolean yes;

  @Option(names = "--wait", description = "Return when the stage is past the record.")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "1m",
      converter = TimeOption.class,
      description = "Longest time of --wait, for example 90s (default: ${DEFAULT-VALUE}).")
  private Duration timeout;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    RecordPosition position =
        RecordPosition.parse(record)
            .orElseThrow(
                () -> usage("\"" + record + "\" is no position as utter.work.normal-3@1207"));
    if (note != null && note.length() > MAX_NOTE) {
      throw usage("--note has " + note.length() + " characters, at most " + MAX_NOTE);
    }
    try (RecordSkipping skipping = new RecordSkipping(settings.load().kafka())) {
      Optional<RecordFacts> found = skipping.find(position);
      if (found.isEmpty()) {
        return answer(position, Optional.empty(), Optional.empty(), "there is no such record");
      }
      return skip(skipping, found.get());
    }
  }

  private int skip(RecordSkipping skipping, RecordFacts found) throws InterruptedException {
    RecordPosition position = found.position();
    List<SkippingStage> open =
        found.stages().entrySet().stream()
            .filter(entry -> entry.getValue().state() != Standing.State.FINISHED)
            .map(Map.Entry::getKey)
            .toList();
    if (found.stages().isEmpty()) {
      return answer(position, Optional.of(found), Optional.empty(), "no stage reads its topic");
    }
    if (stage != null && !found.stages().containsKey(stage)) {
      throw usage(
          "the stage %s does not read %s; %s"
              .formatted(stage.label(), position.topic(), names(found.stages().keySet())));
    }
    if (open.isEmpty() || stage != null && !open.contains(stage)) {
      return answer(
          position,
          Optional.of(found),
          Optional.empty(),
          "nothing is to be skipped: the stage is past it");
    }
    if (stage == null && open.size() > 1) {
      print(position, Optional.of(found), Optional.empty(), "not ordered");
      throw usage("several stages are not past it, name one with --stage: " + names(open));
    }
    SkippingStage chosen = stage == null ? open.get(0) : stage;
    if (!yes) {
      print(position, Optional.of(found), Optional.of(chosen), "would be skipped; --yes orders it");
      return ExitCodes.OK;
    }
    skipping.order(found, chosen, note == null ? "" : note);
    if (!wait) {
      print(position, Optional.of(found), Optional.of(chosen), "ordered");
      return ExitCodes.OK;
    }
    boolean past = await(skipping, position, chosen);
    print(
        position,
        Optional.of(found),
        Optional.of(chosen),
        past ? "skipped" : "ordered; the stage is not past it yet");
    return past ? ExitCodes.OK : ExitCodes.NO;
  }

  private boolean await(RecordSkipping skipping, RecordPosition position, SkippingStage chosen)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (skipping.standing(chosen, position).state() != Standing.State.FINISHED) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return true;
  }

  private int answer(
      RecordPosition position,
      Optional<RecordFacts> found,
      Optional<SkippingStage> chosen,
      String result) {
    print(position, found, chosen, result);
    return ExitCodes.NO;
  }

  private void print(
      RecordPosition position,
      Optional<RecordFacts> found,
      Optional<SkippingStage> chosen,
      String result) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode node = JsonNodeFactory.instance.objectNode().put("record", position.toString());
      found.ifPresent(
          facts -> {
            node.put("key", facts.key().orElse(null))
                .put("time", facts.at().toString())
                .put("valueBytes", facts.valueBytes());
            ObjectNode stages = node.putObject("stages");
            facts
                .stages()
                .forEach(
                    (name, standing) ->
                        stages
                            .putObject(name.label())
                            .put("state", standing.state().name())
                            .put("committedOffset", standing.committed())
                            .put("starts", standing.starts()));
          });
      node.put("stage", chosen.map(SkippingStage::label).orElse(null)).put("result", result);
      out.println(node);
    } else {
      found.ifPresent(
          facts -> {
            out.printf(
                "%s  key %s  %s  %d bytes%n",
                position,
                facts.key().map(Excerpt::of).orElse("none"),
                facts.at(),
                facts.valueBytes());
            facts
                .stages()
                .forEach(
                    (name, standing) ->
                        out.printf(
                            "  %s: %s, committed offset %d, starts %d%n",
                            name.label(),
                            standing.state(),
                            standing.committed(),
                            standing.starts()));
          });
      out.println(chosen.map(name -> name.label() + ": ").orElse("") + result);
    }
    out.flush();
  }

  private static String names(Iterable<SkippingStage> stages) {
    StringBuilder names = new StringBuilder();
    stages.forEach(name -> names.append(names.length() == 0 ? "" : ", ").append(name.label()));
    return names.toString();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
