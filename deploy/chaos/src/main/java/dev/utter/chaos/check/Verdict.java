package dev.utter.chaos.check;

import java.util.List;

/**
 * Result of the checker.
 *
 * @param violations promises that did not hold; empty if all did
 * @param figures of the run
 */
public record Verdict(List<Violation> violations, Figures figures) {

  /** Whether every promise held. */
  public boolean holds() {
    return violations.isEmpty();
  }
}
