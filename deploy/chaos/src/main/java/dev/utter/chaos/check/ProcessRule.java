package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Change;
import dev.utter.chaos.history.Entry.Worker;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Workers that end without being stopped, and runs that could not go on. */
final class ProcessRule {
  private static final Set<Change> ASKED = Set.of(Change.STOP_REQUESTED, Change.KILLED);

  private final Ledger ledger;
  private final Consumer<Violation> found;

  ProcessRule(Ledger ledger, Consumer<Violation> found) {
    this.ledger = ledger;
    this.found = found;
  }

  void check() {
    Set<Long> asked =
        ledger.all(Worker.class).stream()
            .filter(worker -> ASKED.contains(worker.change()))
            .map(Worker::pid)
            .collect(Collectors.toSet());
    for (Worker worker : ledger.all(Worker.class)) {
      if (worker.change() == Change.ENDED && !asked.contains(worker.pid())) {
        found.accept(
            new Violation(
                worker.worker(),
                Promise.WORKER_STAYS,
                "process %d ended with status %d at %d"
                    .formatted(worker.pid(), worker.status(), worker.at())));
      }
    }
    for (Entry.Trouble trouble : ledger.all(Entry.Trouble.class)) {
      found.accept(new Violation("run", Promise.RUN_GOES_ON, trouble.what()));
    }
  }
}
