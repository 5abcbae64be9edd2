package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Asked;
import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.chaos.history.Entry.Seen;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The promises about time, each for the requests that were published to measure it. */
final class TimeRule {
  private final Ledger ledger;
  private final Consumer<Violation> found;

  TimeRule(Ledger ledger, Consumer<Violation> found) {
    this.ledger = ledger;
    this.found = found;
  }

  void check() {
    for (Asked asked : ledger.all(Asked.class)) {
      if (asked.publication() != Publication.REQUEST) {
        continue;
      }
      if (asked.bound() == Bound.ADMITTED_DURING_RESTART) {
        hold(asked, admitted(ledger, asked), Bounds.ADMISSION, Promise.ADMISSION_BOUND);
      } else if (asked.bound() == Bound.BEGUN_BESIDE_DEATH) {
        hold(asked, begun(ledger, asked), Bounds.BEGIN, Promise.BEGIN_BOUND);
      }
    }
    for (Entry.Drain drain : ledger.all(Entry.Drain.class)) {
      if (!drain.drained() || drain.millis() > Bounds.DRAIN.toMillis()) {
        found.accept(
            new Violation(
                "fault " + drain.number(),
                Promise.DRAIN_BOUND,
                "after %d ms %d requests had no outcome".formatted(drain.millis(), drain.open())));
      }
    }
  }

  private void hold(Asked asked, OptionalLong moment, Duration bound, Promise promise) {
    if (moment.isEmpty()) {
      found.accept(new Violation(asked.id(), promise, "never; published at " + asked.at()));
    } else if (moment.getAsLong() - asked.at() > bound.toMillis()) {
      found.accept(
          new Violation(
              asked.id(),
              promise,
              "%d ms after it was published at %d"
                  .formatted(moment.getAsLong() - asked.at(), asked.at())));
    }
  }

  /** When a request was first seen in its lane or refused. */
  static OptionalLong admitted(Ledger ledger, Asked asked) {
    return Stream.of(ledger.lanes(), ledger.outcomes())
        .flatMap(records -> records.getOrDefault(asked.id(), List.of()).stream())
        .mapToLong(Seen::at)
        .min();
  }

  /** When a request was started; for a request without a published start, when it ended. */
  static OptionalLong begun(Ledger ledger, Asked asked) {
    return Stream.concat(
            ledger.starts().getOrDefault(asked.id(), List.of()).stream()
                .map(start -> Ledger.moment(start, "startedAt")),
            ledger.outcomesOf(asked.id()).stream().map(Seen::at))
        .mapToLong(moment -> moment)
        .min();
  }
}
