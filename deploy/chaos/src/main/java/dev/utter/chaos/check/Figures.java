package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Asked;
import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.chaos.history.Entry.Seen;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Figures of a run.
 *
 * @param published records on the topic of the requests, by kind
 * @param outcomes outcomes by code; COMPLETED for completed requests
 * @param attempts outcomes by number of the attempt
 * @param objects objects in the store
 * @param examined objects in which the mark was looked for
 * @param drains for each fault, the time until no request waited
 * @param slowestAdmissionMillis longest wait for admission during rolling restarts; -1 if not
 *     measured
 * @param slowestBeginMillis longest wait for the start on a healthy worker after another died; -1
 *     if not measured
 * @param seconds from the first entry to the last
 */
public record Figures(
    Map<String, Long> published,
    Map<String, Long> outcomes,
    Map<Integer, Long> attempts,
    long objects,
    long examined,
    List<DrainTime> drains,
    long slowestAdmissionMillis,
    long slowestBeginMillis,
    long seconds) {

  /**
   * How long work took to finish after a fault.
   *
   * @param number of the fault
   * @param name of the fault
   * @param target of the fault
   * @param faultMillis how long it lasted
   * @param drainMillis from its end to the last outcome
   */
  public record DrainTime(
      int number, String name, String target, long faultMillis, long drainMillis) {}

  static Figures of(Ledger ledger) {
    List<Entry.Stored> objects = ledger.all(Entry.Stored.class);
    List<Seen> outcomes = ledger.outcomes().values().stream().flatMap(List::stream).toList();
    List<Entry> all = ledger.all(Entry.class);
    return new Figures(
        count(ledger.all(Asked.class).stream().map(asked -> asked.publication().name()).toList()),
        count(outcomes.stream().map(Figures::code).toList()),
        count(outcomes.stream().map(Ledger::attempt).toList()),
        objects.size(),
        objects.stream().filter(object -> !object.mark().equals("NOT_EXAMINED")).count(),
        ledger.all(Entry.Drain.class).stream().map(drain -> drainTime(ledger, drain)).toList(),
        slowest(ledger, Bound.ADMITTED_DURING_RESTART, TimeRule::admitted),
        slowest(ledger, Bound.BEGUN_BESIDE_DEATH, TimeRule::begun),
        all.isEmpty() ? 0 : (all.get(all.size() - 1).at() - all.get(0).at()) / 1000);
  }

  private static String code(Seen outcome) {
    return Ledger.isCompleted(outcome) ? "COMPLETED" : outcome.facts().getOrDefault("code", "?");
  }

  private static DrainTime drainTime(Ledger ledger, Entry.Drain drain) {
    List<Entry.Fault> ends =
        ledger.faults().stream()
            .filter(fault -> fault.number() == drain.number())
            .sorted(Comparator.comparing(Entry.Fault::at))
            .toList();
    return new DrainTime(
        drain.number(),
        ends.isEmpty() ? "?" : ends.get(0).name(),
        ends.isEmpty() ? "?" : ends.get(0).target(),
        ends.isEmpty() ? 0 : ends.get(ends.size() - 1).at() - ends.get(0).at(),
        drain.millis());
  }

  private static long slowest(
      Ledger ledger, Bound bound, BiFunction<Ledger, Asked, OptionalLong> moment) {
    return ledger.all(Asked.class).stream()
        .filter(asked -> asked.bound() == bound && asked.publication() == Publication.REQUEST)
        .flatMap(asked -> moment.apply(ledger, asked).stream().mapToObj(at -> at - asked.at()))
        .max(Comparator.naturalOrder())
        .orElse(-1L);
  }

  private static <T> Map<T, Long> count(List<T> values) {
    return values.stream()
        .collect(Collectors.groupingBy(value -> value, TreeMap::new, Collectors.counting()));
  }
}
