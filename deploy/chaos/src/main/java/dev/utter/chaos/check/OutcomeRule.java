package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry.Asked;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.chaos.history.Entry.Seen;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One outcome for each request, of the expected kind, and no other outcomes. */
final class OutcomeRule {
  private final Ledger ledger;
  private final Consumer<Violation> found;

  OutcomeRule(Ledger ledger, Consumer<Violation> found) {
    this.ledger = ledger;
    this.found = found;
  }

  void check() {
    ledger.asked().forEach(this::checkAsked);
    ledger.outcomes().forEach(this::checkOutcomes);
    ledger.deadLetters().forEach(this::checkDeadLetters);
  }

  private void checkAsked(String id, List<Asked> published) {
    Optional<Asked> request = ledger.request(id);
    List<Seen> outcomes = ledger.outcomesOf(id);
    if (request.isPresent() && outcomes.isEmpty()) {
      add(id, Promise.ONE_OUTCOME, "none; it was published at " + place(request.get()));
    } else if (outcomes.size() > 1) {
      add(id, Promise.ONE_OUTCOME, outcomes.size() + ": " + shown(outcomes));
    }
    request.ifPresent(asked -> outcomes.forEach(outcome -> checkRight(asked, outcome)));
    for (Asked record : published) {
      if (record.expected() == Expected.DEAD_LETTER
          || record.expected() == Expected.DEAD_LETTER_ONLY) {
        checkDeadLetter(record);
      }
    }
  }

  private void checkRight(Asked request, Seen outcome) {
    boolean completed = Ledger.isCompleted(outcome);
    boolean right =
        switch (request.expected()) {
          case COMPLETED -> completed;
          case FAILED, DEAD_LETTER -> !completed;
          case EITHER -> true;
          case DEAD_LETTER_ONLY, NOTHING -> false;
        };
    if (!right) {
      add(
          request.id().isEmpty() ? request.key() : request.id(),
          Promise.RIGHT_OUTCOME,
          "expected " + request.expected() + ", got " + shown(List.of(outcome)));
    }
  }

  private void checkDeadLetter(Asked record) {
    List<Seen> letters =
        ledger.deadLetters().getOrDefault(record.key(), List.of()).stream()
            .filter(letter -> isOf(letter, record))
            .toList();
    if (letters.size() != 1) {
      add(
          record.key(),
          Promise.DEAD_LETTER,
          letters.size() + " for the record at " + place(record) + ": " + shown(letters));
    }
  }

  private void checkOutcomes(String id, List<Seen> outcomes) {
    List<Asked> published = ledger.asked().getOrDefault(id, List.of());
    if (published.stream().noneMatch(OutcomeRule::mayHaveOutcome)) {
      add(id, Promise.NOTHING_UNASKED, shown(outcomes));
    }
    long conflicts =
        published.stream().filter(record -> record.publication() == Publication.CONFLICT).count();
    List<Seen> refused = outcomes.stream().filter(Ledger::isConflict).toList();
    if (refused.size() != conflicts && ledger.request(id).isPresent()) {
      add(
          id,
          Promise.ONE_OUTCOME,
          refused.size() + " refusals of " + conflicts + " conflicting records: " + shown(refused));
    }
  }

  /**
   * Dead letters without a published record. Their number is checked by {@link #checkDeadLetter}.
   */
  private void checkDeadLetters(String key, List<Seen> letters) {
    for (Seen letter : letters) {
      boolean asked =
          ledger.asked().values().stream()
              .flatMap(List::stream)
              .anyMatch(record -> record.key().equals(key));
      if (!asked) {
        add(key, Promise.NOTHING_UNASKED, shown(List.of(letter)));
      }
    }
  }

  private static boolean mayHaveOutcome(Asked record) {
    return record.publication() != Publication.FOREIGN_KEY
        && record.publication() != Publication.CANCELLATION;
  }

  private static boolean isOf(Seen letter, Asked record) {
    return letter.facts().getOrDefault("ofPartition", "").equals("" + record.partition())
        && letter.facts().getOrDefault("ofOffset", "").equals("" + record.offset());
  }

  private static String place(Asked record) {
    return "partition " + record.partition() + ", offset " + record.offset();
  }

  private static String shown(List<Seen> records) {
    return records.stream()
        .map(
            record ->
                Ledger.place(record)
                    + " code "
                    + record.facts().getOrDefault("code", "-")
                    + " attempt "
                    + record.facts().getOrDefault("attempt", "-")
                    + " worker "
                    + record.facts().getOrDefault("worker", "-"))
        .collect(Collectors.joining("; "));
  }

  private void add(String id, Promise promise, String evidence) {
    found.accept(new Violation(id, promise, evidence));
  }
}
