package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Asked;
import dev.utter.chaos.history.Entry.Fault;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.chaos.history.Entry.Seen;
import dev.utter.events.FailureCode;
import dev.utter.events.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** A history sorted by request. */
final class Ledger {
  private final List<Entry> entries;
  private final Map<String, List<Asked>> asked;
  private final Map<String, List<Seen>> outcomes;
  private final Map<String, List<Seen>> starts;
  private final Map<String, List<Seen>> deadLetters;
  private final Map<String, List<Seen>> lanes;
  private final Map<String, List<Entry.Stored>> objects;
  private final List<Fault> faults;

  Ledger(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    asked = byId(all(Asked.class), Ledger::idOrKey);
    List<Seen> seen = all(Seen.class);
    outcomes = byId(of(seen, Ledger::isOutcome), Seen::id);
    starts = byId(of(seen, record -> record.topic().equals(Topics.STARTED)), Seen::id);
    deadLetters = byId(of(seen, record -> record.topic().equals(Topics.DEAD_LETTERS)), Seen::key);
    lanes = byId(of(seen, record -> Topics.lanes().contains(record.topic())), Seen::id);
    objects = byId(all(Entry.Stored.class), object -> requestOf(object.key()));
    faults = all(Fault.class);
  }

  /** Entries of a kind, in order. */
  <T extends Entry> List<T> all(Class<T> kind) {
    return entries.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** All published records, by request id, or by key where a record has no id. */
  Map<String, List<Asked>> asked() {
    return asked;
  }

  /** The first publication of a request under this id. */
  Optional<Asked> request(String id) {
    return asked.getOrDefault(id, List.of()).stream()
        .filter(
            published ->
                published.publication() == Publication.REQUEST
                    || published.publication() == Publication.UNDECODABLE)
        .findFirst();
  }

  /** Outcomes by request id, refusals of conflicting contents included. */
  Map<String, List<Seen>> outcomes() {
    return outcomes;
  }

  /** The outcomes of a request itself. */
  List<Seen> outcomesOf(String id) {
    return outcomes.getOrDefault(id, List.of()).stream()
        .filter(outcome -> !isConflict(outcome))
        .toList();
  }

  /** Starts that were published. */
  Map<String, List<Seen>> starts() {
    return starts;
  }

  /** Dead letters by key. */
  Map<String, List<Seen>> deadLetters() {
    return deadLetters;
  }

  /** Records of the lanes by request id. */
  Map<String, List<Seen>> lanes() {
    return lanes;
  }

  /** Objects by the request id in their name. */
  Map<String, List<Entry.Stored>> objects() {
    return objects;
  }

  /** Start and end of all faults. */
  List<Fault> faults() {
    return faults;
  }

  static boolean isConflict(Seen outcome) {
    return FailureCode.DUPLICATE_ID.name().equals(outcome.facts().get("code"));
  }

  static boolean isCompleted(Seen outcome) {
    return outcome.topic().equals(Topics.COMPLETED);
  }

  /** The request id in an object's key: the file's name without its extension. */
  static String requestOf(String key) {
    String name = key.substring(key.lastIndexOf('/') + 1);
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  static int attempt(Seen record) {
    return Integer.parseInt(record.facts().getOrDefault("attempt", "0"));
  }

  static long moment(Seen record, String fact) {
    return Long.parseLong(record.facts().getOrDefault(fact, "-1"));
  }

  /** Where a record is. */
  static String place(Seen record) {
    return record.topic() + " " + record.partition() + "@" + record.offset();
  }

  private static String idOrKey(Asked published) {
    return published.id().isEmpty() ? published.key() : published.id();
  }

  private static boolean isOutcome(Seen record) {
    return record.topic().equals(Topics.COMPLETED) || record.topic().equals(Topics.FAILED);
  }

  private static List<Seen> of(List<Seen> seen, Predicate<Seen> wanted) {
    return seen.stream().filter(wanted).toList();
  }

  private static <T> Map<String, List<T>> byId(List<T> all, Function<T, String> id) {
    Map<String, List<T>> byId = new LinkedHashMap<>();
    all.forEach(one -> byId.computeIfAbsent(id.apply(one), key -> new ArrayList<>()).add(one));
    return byId;
  }
}
