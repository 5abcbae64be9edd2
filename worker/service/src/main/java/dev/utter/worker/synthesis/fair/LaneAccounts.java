package dev.utter.worker.synthesis.fair;

import dev.utter.speech.Urgency;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What the lanes are owed. A lane that waits earns its share of whatever others are given. Once it
 * has earned what its next item costs, that item goes before more urgent ones, and is paid for. So
 * a share holds over time with any number of places, one included, and an urgent lane is held up
 * only for what it has had before.
 *
 * <p>What a lane gets while nothing more urgent waits is no debt. A lane without work earns
 * nothing, but pays back what it owes. Credit and debt have a limit. Not thread-safe.
 */
final class LaneAccounts {
  private static final List<Urgency> GUARANTEED = List.of(Urgency.NORMAL, Urgency.BULK);

  /** Tolerance for rounding errors in sums of fractions. */
  private static final double ROUNDING = 1 - 1e-9;

  private final LaneShares shares;
  private final double limit;
  private final Map<Urgency, Double> owed = new EnumMap<>(Urgency.class);

  /**
   * Accounts without credit or debt.
   *
   * @param limit of credit and debt, at least what one item costs
   */
  LaneAccounts(LaneShares shares, double limit) {
    this.shares = shares;
    this.limit = limit;
  }

  /** Whether the lane has earned an item of this cost. */
  boolean owes(Urgency lane, long cost) {
    return cost > 0 && owed.getOrDefault(lane, 0.0) >= cost * ROUNDING;
  }

  /**
   * A lane was given something.
   *
   * @param cost its cost; negative to correct an earlier cost that was too high
   * @param guaranteed whether it got it before more urgent ones
   * @param waits whether a lane has work that waits
   */
  void charge(Urgency lane, long cost, boolean guaranteed, Predicate<Urgency> waits) {
    for (Urgency other : GUARANTEED) {
      double before = owed.getOrDefault(other, 0.0);
      if (other == lane) {
        owed.put(other, spend(before, cost, guaranteed));
      } else {
        double after = bounded(before + cost * shares.earnedPerUnit(other));
        owed.put(other, waits.test(other) ? after : Math.min(after, Math.max(before, 0)));
      }
    }
  }

  private double spend(double before, long cost, boolean guaranteed) {
    if (guaranteed) {
      return bounded(before - cost);
    }
    return cost < 0 ? before : Math.max(before - cost, Math.min(before, 0));
  }

  private double bounded(double amount) {
    return Math.max(-limit, Math.min(limit, amount));
  }
}
