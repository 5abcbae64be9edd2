package dev.utter.chaos.fault;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Phase;
import dev.utter.chaos.history.History;
import java.util.Random;

/** One running fault of a schedule: its random choices, and its entries in the history. */
final class Strike {
  private final FaultKind kind;
  private final int number;
  private final Random random;
  private final History history;
  private int part;

  Strike(FaultKind kind, int number, long seed, History history) {
    this.kind = kind;
    this.number = number;
    this.random = new Random(seed);
    this.history = history;
  }

  /** Prefix of the ids of requests that are published for this fault. */
  String id(String what) {
    return "f" + number + (part == 0 ? "-" : "." + part + "-") + what;
  }

  /** Prefix of the ids of further requests for this fault. */
  Strike further() {
    part++;
    return this;
  }

  /** Random numbers from the seed of the schedule. */
  Random random() {
    return random;
  }

  /** Records the start of the fault. Must be called before anything is broken. */
  void began(String target) {
    note(Phase.BEGAN, target);
  }

  void ended(String target) {
    note(Phase.ENDED, target);
  }

  private void note(Phase phase, String target) {
    history.add(
        new Entry.Fault(History.now(), number, kind.words(), phase, target, kind.costsAttempts()));
  }
}
