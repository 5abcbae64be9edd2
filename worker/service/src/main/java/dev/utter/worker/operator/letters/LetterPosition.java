package dev.utter.worker.operator.letters;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Position of a dead letter in {@code utter.dead-letters}; also its name on the command line.
 *
 * @param partition partition of the topic
 * @param offset offset in the partition
 */
public record LetterPosition(int partition, long offset) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9}):([0-9]{1,18})");

  /** A position written as {@code PARTITION:OFFSET}; empty if the text has another form. */
  public static Optional<LetterPosition> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new LetterPosition(
                Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return partition + ":" + offset;
  }
}
