package dev.utter.chaos.check;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Phase;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.events.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Histories as a run would write them, one line a call. */
final class HistoryBuilder {
  static final String SHA256 = "ab".repeat(32);
  private static final int ATTEMPT_LIMIT = 3;

  private final List<Entry> entries =
      new ArrayList<>(List.of(new Entry.Run(0, "short", 1, ATTEMPT_LIMIT, 3, "")));
  private long offset;

  HistoryBuilder add(Entry entry) {
    entries.add(entry);
    return this;
  }

  HistoryBuilder asked(long at, String id) {
    return asked(at, id, Expected.COMPLETED, Bound.NONE);
  }

  HistoryBuilder asked(long at, String id, Expected expected, Bound bound) {
    return asked(at, id, id, Publication.REQUEST, expected, bound);
  }

  HistoryBuilder asked(
      long at, String id, String key, Publication publication, Expected expected, Bound bound) {
    return add(new Entry.Asked(at, id, key, 0, offset++, publication, expected, bound));
  }

  HistoryBuilder started(long at, String id, String worker, int attempt) {
    return seen(
        at,
        Topics.STARTED,
        id,
        Map.of("worker", worker, "attempt", "" + attempt, "startedAt", "" + at));
  }

  HistoryBuilder completed(long at, String id, String worker, int attempt) {
    return seen(
        at,
        Topics.COMPLETED,
        id,
        Map.of(
            "worker",
            worker,
            "attempt",
            "" + attempt,
            "sha256",
            SHA256,
            "key",
            "clips/" + id + ".wav",
            "endedAt",
            "" + at));
  }

  HistoryBuilder failed(long at, String id, String code) {
    return seen(
        at, Topics.FAILED, id, Map.of("code", code, "attempt", "1", "worker", "w", "endedAt", "0"));
  }

  HistoryBuilder inLane(long at, String id) {
    return seen(at, Topics.WORK_NORMAL, id, Map.of());
  }

  HistoryBuilder deadLetter(String key, long ofOffset) {
    return add(
        new Entry.Seen(
            9,
            Topics.DEAD_LETTERS,
            0,
            offset++,
            key,
            9,
            "",
            Map.of("ofPartition", "0", "ofOffset", "" + ofOffset)));
  }

  HistoryBuilder seen(long at, String topic, String id, Map<String, String> facts) {
    return add(new Entry.Seen(at, topic, 0, offset++, id, at, id, facts));
  }

  HistoryBuilder stored(String id) {
    return stored(id, SHA256, "MATCH");
  }

  HistoryBuilder stored(String id, String sha256, String mark) {
    return add(new Entry.Stored(9, "clips/" + id + ".wav", 100, sha256, mark));
  }

  HistoryBuilder put(String worker, String id, int status) {
    return add(new Entry.Put(8, worker, "clips/" + id + ".wav", status));
  }

  HistoryBuilder fault(long at, boolean costsAttempts) {
    return add(new Entry.Fault(at, 1, "kill started", Phase.BEGAN, "w", costsAttempts));
  }

  HistoryBuilder worker(long pid, Entry.Change change) {
    return add(new Entry.Worker(7, "w", pid, change, 143));
  }

  /** A request that went well. */
  HistoryBuilder good(String id) {
    return asked(1, id)
        .started(2, id, "w", 1)
        .put("w", id, 200)
        .completed(3, id, "w", 1)
        .stored(id);
  }

  List<Entry> unfinished() {
    return List.copyOf(entries);
  }

  List<Entry> history() {
    List<Entry> all = new ArrayList<>(entries);
    all.add(new Entry.Complete(100, Map.of(), 0));
    return all;
  }
}
