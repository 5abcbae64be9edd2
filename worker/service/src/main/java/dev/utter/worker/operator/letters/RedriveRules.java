package dev.utter.worker.operator.letters;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.Topics;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which dead letters may be published again.
 *
 * @param maxReplays how often a record may be published again in all
 * @param force whether those that were handled before, or too often, are published anyway
 */
public record RedriveRules(int maxReplays, boolean force) {
  /** Default of {@link #maxReplays}. */
  public static final int DEFAULT_MAX_REPLAYS = 3;

  /** Topics whose records are commands to one stage, without other readers. */
  private static final Set<String> ORDERS =
      Set.of(Topics.REQUESTS, Topics.CANCELLATIONS, Topics.LIMITS, Topics.VERIFICATION_REQUESTS);

  /** Topics that records are published to again. */
  public static final List<String> TARGETS =
      Stream.concat(ORDERS.stream(), Topics.lanes().stream()).sorted().toList();

  /** Checks the number. */
  public RedriveRules {
    if (maxReplays < 1) {
      throw new IllegalArgumentException("maxReplays is " + maxReplays + ", must be 1 or more");
    }
  }

  /** Why a letter is not published again; empty if it may be. */
  public Optional<String> refusal(Letter letter) {
    return never(letter).or(() -> force ? Optional.empty() : unlessForced(letter));
  }

  private static Optional<String> never(Letter letter) {
    String topic = letter.topic();
    if (letter.omitted().isPresent()) {
      return Optional.of(
          "its value is not here: %s, to be read at offset %s of partition %s of %s while it is kept"
              .formatted(letter.omitted().get(), letter.offset(), letter.partition(), topic));
    }
    if (Topics.lanes().contains(topic)) {
      // Reasons of synthesis are failure codes; those of the status stage, which also reads the
      // lanes, are not.
      return letter.reason().equals(DeadLetterHeaders.FAULT)
          ? Optional.of(
              "only the status row missed it; the request itself is not affected, and would be"
                  + " spoken a second time")
          : Optional.empty();
    }
    return ORDERS.contains(topic)
        ? Optional.empty()
        : Optional.of(
            "it came from " + topic + ": all who read that topic would see the same event twice");
  }

  private Optional<String> unlessForced(Letter letter) {
    if (letter.state() != LetterState.OPEN) {
      return Optional.of("it is " + letter.state() + " already");
    }
    if (letter.redrives() == Letter.UNREADABLE_COUNT) {
      return Optional.of("its header " + DeadLetterHeaders.REDRIVES + " is no number");
    }
    return letter.redrives() >= maxReplays
        ? Optional.of(
            "it was published again %d times, at most %d are allowed"
                .formatted(letter.redrives(), maxReplays))
        : Optional.empty();
  }
}
