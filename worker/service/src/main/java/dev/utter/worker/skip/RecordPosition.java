package dev.utter.worker.skip;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Position of a record; also its name on the command line.
 *
 * @param topic name of the topic
 * @param partition partition of the topic
 * @param offset offset in the partition
 */
public record RecordPosition(String topic, int partition, long offset) {
  private static final Pattern FORM = Pattern.compile("(.{1,249})-([0-9]{1,9})@([0-9]{1,18})");

  /** A position written as {@code TOPIC-PARTITION@OFFSET}; empty if the text has another form. */
  public static Optional<RecordPosition> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new RecordPosition(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
