package dev.utter.worker.synthesis;

import dev.utter.speech.Urgency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decides who goes to the engine next: INTERACTIVE before NORMAL before BULK, then by age.
 *
 * <p>A job begins when fewer jobs than there are slots are generated that are as urgent as itself
 * or more: where less urgent ones hold the slots, the engine parks one of them. The same holds for
 * the clips being finished. Together there are never more than twice as many as there is room for,
 * which bounds what is preempted.
 *
 * <p>A suspect runs alone: it begins only when nothing else is inside, that is between its start
 * mark and its published outcome, and while it is inside nothing else begins. So a record that
 * takes the process down takes no neighbour's attempt with it. When a suspect is next in line the
 * others behind it wait until those inside are done; that is the price, and it is rare.
 *
 * <p>Thread-safe; jobs are started outside the lock.
 */
final class Scheduler {
  private record Entry(Job job, long order) {}

  /** Jobs for each place: one that holds it, one that had to leave it to a more urgent one. */
  private static final int JOBS_PER_PLACE = 2;

  private final PriorityQueue<Entry> queue =
      new PriorityQueue<>(
          Comparator.comparing((Entry entry) -> entry.job().urgency())
              .thenComparingLong(Entry::order));
  private final Set<Job> generating = new HashSet<>();
  private final Set<Job> finishing = new HashSet<>();
  private final int slots;
  private final int maxFinishing;
  private final Consumer<List<Job>> start;
  private boolean open;
  private long arrivals;

  /**
   * A closed scheduler.
   *
   * @param slots jobs the engine generates at a time
   * @param maxFinishing jobs that may be past the engine and not yet published
   * @param start begins jobs, never none; called outside the lock
   */
  Scheduler(int slots, int maxFinishing, Consumer<List<Job>> start) {
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
      queue.add(new Entry(job, arrivals++));
    }
    startNext();
  }

  /** The job has left the engine. */
  void generated(Job job) {
    synchronized (this) {
      if (generating.remove(job)) {
        finishing.add(job);
      }
    }
    startNext();
  }

  /** The job is over, here at least: published, dropped, or to begin anew. */
  void left(Job job) {
    synchronized (this) {
      queue.removeIf(entry -> entry.job() == job);
      generating.remove(job);
      finishing.remove(job);
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

  /** Jobs begun and not yet generated. */
  synchronized int generating() {
    return generating.size();
  }

  private void startNext() {
    List<Job> starting = new ArrayList<>();
    synchronized (this) {
      while (open && !queue.isEmpty() && mayStart(queue.peek().job())) {
        Job job = queue.remove().job();
        generating.add(job);
        starting.add(job);
      }
    }
    if (!starting.isEmpty()) {
      start.accept(starting);
    }
  }

  private boolean mayStart(Job job) {
    if (job.suspect()) {
      return generating.isEmpty() && finishing.isEmpty();
    }
    return generating.stream().noneMatch(Job::suspect)
        && finishing.stream().noneMatch(Job::suspect)
        && hasRoom(generating, slots, job.urgency())
        && hasRoom(finishing, maxFinishing, job.urgency());
  }

  private static boolean hasRoom(Set<Job> jobs, int places, Urgency urgency) {
    long ahead = jobs.stream().filter(job -> job.urgency().compareTo(urgency) <= 0).count();
    return ahead < places && jobs.size() < JOBS_PER_PLACE * places;
  }
}
