package dev.utter.worker.synthesis;

import dev.utter.events.Priority;
import dev.utter.events.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decides who goes to the engine next: INTERACTIVE before NORMAL before BULK, then by age.
 *
 * <p>A suspect runs alone: it begins only when nothing else is inside, that is between its start
 * mark and its published outcome, and while it is inside nothing else begins. So a record that
 * takes the process down takes no neighbour's attempt with it. When a suspect is next in line the
 * others behind it wait until those inside are done; that is the price, and it is rare.
 *
 * <p>Thread-safe; jobs are started outside the lock.
 */
final class Scheduler {
  private record Entry(Job job, int rank, long order) {}

  private static final Map<String, Integer> RANKS =
      Map.of(
          Topics.lane(Priority.INTERACTIVE), 0,
          Topics.lane(Priority.NORMAL), 1,
          Topics.lane(Priority.BULK), 2);

  private final PriorityQueue<Entry> queue =
      new PriorityQueue<>(Comparator.comparingInt(Entry::rank).thenComparingLong(Entry::order));
  private final Set<Job> generating = new HashSet<>();
  private final Set<Job> inside = new HashSet<>();
  private final int slots;
  private final int maxFinishing;
  private final Consumer<Job> start;
  private boolean open;
  private long arrivals;

  /**
   * A closed scheduler.
   *
   * @param slots jobs the engine takes at a time
   * @param maxFinishing jobs that may be past the engine and not yet published
   * @param start begins a job; called outside the lock
   */
  Scheduler(int slots, int maxFinishing, Consumer<Job> start) {
    this.slots = slots;
    this.maxFinishing = maxFinishing;
    this.start = start;
  }

  /** Lets jobs begin from now on. */
  void open() {
    synchronized (this) {
      open = true;
    }
    startNext();
  }

  /** The job waits for the engine. */
  void ready(Job job) {
    synchronized (this) {
      int rank = RANKS.getOrDefault(job.delivery().lane(), RANKS.size());
      queue.add(new Entry(job, rank, arrivals++));
    }
    startNext();
  }

  /** The job has left the engine. */
  void generated(Job job) {
    synchronized (this) {
      generating.remove(job);
    }
    startNext();
  }

  /** The job is over, here at least: published, dropped, or to begin anew. */
  void left(Job job) {
    synchronized (this) {
      queue.removeIf(entry -> entry.job() == job);
      generating.remove(job);
      inside.remove(job);
    }
    startNext();
  }

  /** Takes a job out of the queue; false if it is not waiting there. */
  synchronized boolean withdraw(Job job) {
    return queue.removeIf(entry -> entry.job() == job);
  }

  /** Takes out of the queue what makes no sense any more. */
  synchronized List<Job> withdrawUnwanted(Instant now) {
    List<Job> unwanted = queue.stream().map(Entry::job).filter(job -> !job.wanted(now)).toList();
    queue.removeIf(entry -> unwanted.contains(entry.job()));
    return unwanted;
  }

  synchronized int waiting() {
    return queue.size();
  }

  synchronized int busySlots() {
    return generating.size();
  }

  private void startNext() {
    List<Job> starting = new ArrayList<>();
    synchronized (this) {
      while (mayStart()) {
        Job job = queue.remove().job();
        generating.add(job);
        inside.add(job);
        starting.add(job);
      }
    }
    starting.forEach(start);
  }

  private boolean mayStart() {
    if (!open || queue.isEmpty() || generating.size() >= slots) {
      return false;
    }
    if (queue.peek().job().suspect()) {
      return inside.isEmpty();
    }
    return inside.stream().noneMatch(Job::suspect)
        && inside.size() - generating.size() < maxFinishing;
  }
}
