package dev.utter.cli.command.letters;

import dev.utter.worker.operator.letters.LetterFilter;
import dev.utter.worker.operator.letters.LetterPosition;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that select dead letters. */
final class LetterOptions {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--reason",
      paramLabel = "CODE",
      description = "Of this reason, UNDECODABLE for example; may be repeated.")
  private List<String> reasons = List.of();

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "Of a record of this topic; may be repeated.")
  private List<String> topics = List.of();

  @Option(names = "--id", paramLabel = "REQUEST_ID", description = "Of this request.")
  private String requestId;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = PastTime.class,
      description = "Written since then: 2026-11-29T03:00:00Z, or 90s, 30m, 2h, 7d ago.")
  private Instant since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = PastTime.class,
      description = "Written before then.")
  private Instant until;

  /** The filter that the options describe. */
  LetterFilter filter(List<String> letters, boolean handledToo) {
    Set<LetterPosition> positions =
        letters.stream().map(this::position).collect(Collectors.toSet());
    Set<String> codes = new HashSet<>();
    reasons.forEach(reason -> codes.add(reason.toUpperCase(Locale.ROOT)));
    return new LetterFilter(
        positions,
        codes,
        Set.copyOf(topics),
        Optional.ofNullable(requestId),
        Optional.ofNullable(since),
        Optional.ofNullable(until),
        handledToo);
  }

  /**
   * The same for a command that changes something.
   *
   * @param all whether all letters may be meant
   * @throws ParameterException if nothing limits the choice, unless all may be meant
   */
  LetterFilter chosen(List<String> letters, boolean all, boolean handledToo) {
    LetterFilter filter = filter(letters, handledToo);
    if (filter.isUnlimited() && !all) {
      throw new ParameterException(
          spec.commandLine(), "which dead letters? Name some, choose by an option, or say --all");
    }
    return filter;
  }

  private LetterPosition position(String text) {
    return position(spec, text);
  }

  static LetterPosition position(CommandSpec spec, String text) {
    return LetterPosition.parse(text)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "LETTER is \"" + text + "\", must be PARTITION:OFFSET as list prints it"));
  }
}
