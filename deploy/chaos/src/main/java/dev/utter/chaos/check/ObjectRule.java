package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Seen;
import dev.utter.chaos.history.Entry.Stored;
import dev.utter.events.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One marked object for each completed request, written once, and no other objects. */
final class ObjectRule {
  private static final int FIRST_ERROR = 300;
  private static final String NOT_EXAMINED = "NOT_EXAMINED";

  private final Ledger ledger;
  private final Consumer<Violation> found;

  ObjectRule(Ledger ledger, Consumer<Violation> found) {
    this.ledger = ledger;
    this.found = found;
  }

  void check() {
    ledger.outcomes().forEach(this::checkCompleted);
    ledger.objects().forEach(this::checkObjects);
    checkPuts();
    checkVerdicts();
  }

  private void checkCompleted(String id, List<Seen> outcomes) {
    List<Stored> objects = ledger.objects().getOrDefault(id, List.of());
    for (Seen outcome : outcomes.stream().filter(Ledger::isCompleted).toList()) {
      if (objects.size() != 1) {
        add(id, Promise.ONE_OBJECT, objects.size() + " for " + Ledger.place(outcome));
        continue;
      }
      Stored object = objects.get(0);
      String announced = outcome.facts().getOrDefault("sha256", "none");
      if (!announced.equals(object.sha256())) {
        add(
            id,
            Promise.ONE_OBJECT,
            object.key() + " has " + object.sha256() + ", the event says " + announced);
      }
      if (!object.key().equals(outcome.facts().getOrDefault("key", object.key()))) {
        add(id, Promise.ONE_OBJECT, object.key() + " is not the event's key");
      }
    }
  }

  private void checkObjects(String id, List<Stored> objects) {
    for (Stored object : objects) {
      if (ledger.request(id).isEmpty()) {
        add(id, Promise.NOTHING_UNASKED, "the object " + object.key());
      }
      if (!object.mark().equals("MATCH") && !object.mark().equals(NOT_EXAMINED)) {
        add(id, Promise.MARKED, object.key() + ": " + object.mark());
      }
    }
  }

  /** The workers also verify every clip. */
  private void checkVerdicts() {
    for (Seen verified : ledger.all(Seen.class)) {
      if (verified.topic().equals(Topics.VERIFIED)
          && !verified.facts().getOrDefault("verdict", "").equals("MATCH")) {
        add(
            verified.id(),
            Promise.MARKED,
            "verified as " + verified.facts().get("verdict") + " in " + Ledger.place(verified));
      }
    }
  }

  private void checkPuts() {
    Map<String, Entry.Put> first = new LinkedHashMap<>();
    for (Entry.Put put : ledger.all(Entry.Put.class)) {
      if (put.status() >= FIRST_ERROR || !isOfRequest(put.key())) {
        continue;
      }
      Entry.Put earlier = first.putIfAbsent(put.key(), put);
      if (earlier != null) {
        add(
            Ledger.requestOf(put.key()),
            Promise.WRITTEN_ONCE,
            "%s was written by %s at %d and by %s at %d"
                .formatted(put.key(), earlier.worker(), earlier.at(), put.worker(), put.at()));
      }
    }
  }

  /**
   * Workers also write a probe object, which checks conditional puts of the store. It is not a
   * clip.
   */
  private boolean isOfRequest(String key) {
    return ledger.request(Ledger.requestOf(key)).isPresent();
  }

  private void add(String id, Promise promise, String evidence) {
    found.accept(new Violation(id, promise, evidence));
  }
}
