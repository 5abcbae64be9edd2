package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a history against the promises. The history is its only input, so the same file always
 * gives the same result.
 */
public final class Checker {
  private Checker() {}

  /** The violations and the figures of a run. */
  public static Verdict check(List<Entry> history) {
    Ledger ledger = new Ledger(history);
    List<Violation> violations = new ArrayList<>();
    if (ledger.all(Entry.Complete.class).size() != 1
        || !(history.get(history.size() - 1) instanceof Entry.Complete)) {
      violations.add(
          new Violation("history", Promise.RECORDED, "its last entry is not that all was read"));
    }
    new OutcomeRule(ledger, violations::add).check();
    new ObjectRule(ledger, violations::add).check();
    new AttemptRule(ledger, violations::add).check();
    new TimeRule(ledger, violations::add).check();
    new ProcessRule(ledger, violations::add).check();
    return new Verdict(List.copyOf(violations), Figures.of(ledger));
  }
}
