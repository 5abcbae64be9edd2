package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Fault;
import dev.utter.chaos.history.Entry.Phase;
import dev.utter.chaos.history.Entry.Seen;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Attempts: within the limit, each after an interruption without notice, and alone after the first.
 */
final class AttemptRule {
  private final Ledger ledger;
  private final Consumer<Violation> found;
  private final int limit;

  AttemptRule(Ledger ledger, Consumer<Violation> found) {
    this.ledger = ledger;
    this.found = found;
    this.limit =
        ledger.all(Entry.Run.class).stream()
            .findFirst()
            .map(Entry.Run::attemptLimit)
            .orElse(Integer.MAX_VALUE);
  }

  void check() {
    ledger.outcomes().forEach((id, outcomes) -> outcomes.forEach(this::checkLimit));
    ledger.starts().forEach((id, starts) -> starts.forEach(this::checkLimit));
    ledger.outcomes().forEach((id, outcomes) -> outcomes.forEach(this::checkEarned));
    Map<String, List<Seen>> startsByWorker =
        ledger.starts().values().stream()
            .flatMap(List::stream)
            .collect(Collectors.groupingBy(AttemptRule::worker));
    ledger
        .starts()
        .forEach(
            (id, starts) ->
                starts.stream()
                    .filter(start -> Ledger.attempt(start) > 1)
                    .forEach(
                        start ->
                            checkAlone(
                                start, startsByWorker.getOrDefault(worker(start), List.of()))));
  }

  private void checkLimit(Seen record) {
    if (Ledger.attempt(record) > limit) {
      add(
          record.id(),
          Promise.ATTEMPT_LIMIT,
          "attempt " + Ledger.attempt(record) + " of " + limit + " in " + Ledger.place(record));
    }
  }

  private void checkEarned(Seen outcome) {
    long from = ledger.request(outcome.id()).map(Entry.Asked::at).orElse(Long.MAX_VALUE);
    List<Fault> interruptions =
        ledger.faults().stream()
            .filter(fault -> fault.phase() == Phase.BEGAN && fault.costsAttempts())
            .filter(fault -> fault.at() >= from && fault.at() <= outcome.at())
            .toList();
    if (Ledger.attempt(outcome) > 1 + interruptions.size()) {
      add(
          outcome.id(),
          Promise.ATTEMPT_EARNED,
          "attempt %d in %s after %d interruptions: %s"
              .formatted(
                  Ledger.attempt(outcome),
                  Ledger.place(outcome),
                  interruptions.size(),
                  interruptions.stream().map(Fault::name).collect(Collectors.joining(", "))));
    }
  }

  /** Both times come from the same worker, so no two clocks are compared. */
  private void checkAlone(Seen suspect, List<Seen> neighbours) {
    long from = Ledger.moment(suspect, "startedAt");
    Optional<Long> end = end(suspect);
    if (end.isEmpty()) {
      return;
    }
    long until = Math.min(end.get(), from + Bounds.ALONE.toMillis());
    for (Seen other : neighbours) {
      long began = Ledger.moment(other, "startedAt");
      Optional<Long> ended = end(other);
      boolean beganInside = began > from && began < until && ended.map(e -> e > began).orElse(true);
      boolean stillInside =
          began <= from && ended.map(e -> e > from).orElse(false) && !mayHaveWaited(began, from);
      if (!other.id().equals(suspect.id()) && (beganInside || stillInside)) {
        add(
            suspect.id(),
            Promise.SUSPECT_ALONE,
            "attempt %d ran on %s from %d to %d, and %s began there at %d%s"
                .formatted(
                    Ledger.attempt(suspect),
                    worker(suspect),
                    from,
                    end.get(),
                    other.id(),
                    began,
                    ended.map(e -> " and ended at " + e).orElse("")));
        return;
      }
    }
  }

  /** Whether store or registry failed: a clip that waits for them does not delay other requests. */
  private boolean mayHaveWaited(long began, long until) {
    return ledger.faults().stream()
        .filter(fault -> fault.name().startsWith("store") || fault.name().startsWith("registry"))
        .filter(fault -> fault.phase() == Phase.BEGAN)
        .anyMatch(fault -> fault.at() <= until && endOf(fault) >= began);
  }

  private long endOf(Fault began) {
    return ledger.faults().stream()
        .filter(fault -> fault.number() == began.number() && fault.phase() == Phase.ENDED)
        .mapToLong(Fault::at)
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  /** When an attempt ended; empty unless it ended with the request's only outcome. */
  private Optional<Long> end(Seen start) {
    List<Seen> outcomes = ledger.outcomesOf(start.id());
    return outcomes.stream()
        .filter(outcome -> outcomes.size() == 1)
        .filter(outcome -> worker(outcome).equals(worker(start)))
        .filter(outcome -> Ledger.attempt(outcome) == Ledger.attempt(start))
        .map(outcome -> Ledger.moment(outcome, "endedAt"))
        .findFirst();
  }

  private static String worker(Seen record) {
    return record.facts().getOrDefault("worker", "");
  }

  private void add(String id, Promise promise, String evidence) {
    found.accept(new Violation(id, promise, evidence));
  }
}
