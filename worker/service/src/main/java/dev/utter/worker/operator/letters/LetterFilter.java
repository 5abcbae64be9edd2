package dev.utter.worker.operator.letters;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Selects dead letters. An empty value does not narrow the selection.
 *
 * @param positions only these
 * @param reasons short codes
 * @param topics where the records came from
 * @param requestId the request
 * @param since written at this time or later
 * @param until written before this time
 * @param handledToo whether those that are not {@link LetterState#OPEN} are selected as well
 */
public record LetterFilter(
    Set<LetterPosition> positions,
    Set<String> reasons,
    Set<String> topics,
    Optional<String> requestId,
    Optional<Instant> since,
    Optional<Instant> until,
    boolean handledToo) {

  /** Copies the sets. */
  public LetterFilter {
    positions = Set.copyOf(positions);
    reasons = Set.copyOf(reasons);
    topics = Set.copyOf(topics);
    requireNonNull(requestId, "requestId is null");
    requireNonNull(since, "since is null");
    requireNonNull(until, "until is null");
  }

  /** Whether it selects every dead letter that is open. */
  public boolean isUnlimited() {
    return positions.isEmpty()
        && reasons.isEmpty()
        && topics.isEmpty()
        && requestId.isEmpty()
        && since.isEmpty()
        && until.isEmpty();
  }

  boolean matches(Letter letter) {
    return (handledToo || letter.state() == LetterState.OPEN)
        && (positions.isEmpty() || positions.contains(letter.position()))
        && (reasons.isEmpty() || reasons.contains(letter.reason()))
        && (topics.isEmpty() || topics.contains(letter.topic()))
        && (requestId.isEmpty() || requestId.equals(letter.requestId()))
        && since.map(time -> !letter.at().isBefore(time)).orElse(true)
        && until.map(time -> letter.at().isBefore(time)).orElse(true);
  }

  /** Whether it can select a dead letter of the partition. */
  boolean reaches(int partition) {
    return positions.isEmpty()
        || positions.stream().anyMatch(position -> position.partition() == partition);
  }
}
