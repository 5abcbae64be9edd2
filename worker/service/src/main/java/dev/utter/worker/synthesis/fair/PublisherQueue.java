package dev.utter.worker.synthesis.fair;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Items that wait, in an order that gives each publisher who has some the same sum of costs: start
 * time fair queueing. Items of one publisher keep their order. A publisher that comes back after a
 * pause has no credit for it. Not thread-safe.
 *
 * @param <T> type of the items, which are compared by identity
 */
public final class PublisherQueue<T> {
  /** Publishers whose past is remembered, beside those who have items here. */
  private static final int MAX_REMEMBERED = 1000;

  private record Waiting<T>(T item, long cost, long order) {}

  private record Head<T>(String publisher, long begins, Waiting<T> first) {}

  private final Map<String, Deque<Waiting<T>>> queues = new LinkedHashMap<>();

  /**
   * End of each publisher's last item on the scale of costs (its virtual finish time); the oldest
   * first.
   */
  private final Map<String, Long> ends = new LinkedHashMap<>();

  /** Begin of the item that was taken last on that scale (virtual time). */
  private long now;

  private long arrivals;
  private int size;

  /** An empty queue. */
  public PublisherQueue() {}

  /**
   * Puts an item behind the others of its publisher.
   *
   * @param cost in any unit, above 0
   */
  public void add(T item, String publisher, long cost) {
    queues
        .computeIfAbsent(publisher, name -> new ArrayDeque<>())
        .add(new Waiting<>(item, cost, arrivals++));
    size++;
  }

  /** The item that is next; empty if none waits. */
  Optional<T> first() {
    return head().map(head -> head.first().item());
  }

  /** What the next item costs; 0 if none waits. */
  long firstCost() {
    return head().map(head -> head.first().cost()).orElse(0L);
  }

  /** Takes the item that is next. */
  public Optional<T> poll() {
    Optional<Head<T>> head = head();
    head.ifPresent(this::take);
    return head.map(taken -> taken.first().item());
  }

  private void take(Head<T> head) {
    now = head.begins();
    ends.remove(head.publisher());
    ends.put(head.publisher(), now + head.first().cost());
    Deque<Waiting<T>> queue = requireNonNull(queues.get(head.publisher()));
    queue.removeFirst();
    if (queue.isEmpty()) {
      queues.remove(head.publisher());
    }
    size--;
    if (ends.size() > MAX_REMEMBERED) {
      ends.values().removeIf(end -> end <= now);
      Iterator<String> oldest = ends.keySet().iterator();
      while (ends.size() > MAX_REMEMBERED) {
        oldest.next();
        oldest.remove();
      }
    }
  }

  private Optional<Head<T>> head() {
    return queues.entrySet().stream()
        .map(
            entry ->
                new Head<>(
                    entry.getKey(),
                    Math.max(now, ends.getOrDefault(entry.getKey(), 0L)),
                    entry.getValue().getFirst()))
        .min(
            Comparator.comparingLong((Head<T> head) -> head.begins())
                .thenComparingLong(head -> head.first().order()));
  }

  /** Takes out an item; false if it does not wait here. */
  public boolean remove(T item) {
    Iterator<Deque<Waiting<T>>> each = queues.values().iterator();
    while (each.hasNext()) {
      Deque<Waiting<T>> queue = each.next();
      int before = queue.size();
      queue.removeIf(waiting -> waiting.item() == item);
      size -= before - queue.size();
      if (queue.isEmpty()) {
        each.remove();
      }
      if (queue.size() < before) {
        return true;
      }
    }
    return false;
  }

  /** How many wait. */
  int size() {
    return size;
  }
}
