package dev.utter.worker.synthesis.schedule;

import dev.utter.worker.synthesis.fair.PublisherQueue;
import dev.utter.worker.synthesis.job.Job;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Bounds the jobs whose decoded context audio is in memory, each lane separately, with its
 * publishers in turn. Thread-safe; jobs are admitted outside the lock.
 */
public final class PrefetchGate {
  private final int perLane;
  private final Consumer<Job> enter;
  private final Map<String, PublisherQueue<Job>> waiting = new HashMap<>();
  private final Map<String, Set<Job>> inside = new HashMap<>();

  public PrefetchGate(int perLane, Consumer<Job> enter) {
    this.perLane = perLane;
    this.enter = enter;
  }

  /** Admits the job, now or when there is room. */
  public void ask(Job job) {
    String lane = job.delivery().lane();
    synchronized (this) {
      Set<Job> in = inside.computeIfAbsent(lane, name -> new HashSet<>());
      if (in.size() >= perLane) {
        waiting
            .computeIfAbsent(lane, name -> new PublisherQueue<>())
            .add(job, job.publisher(), job.expectedMillis());
        return;
      }
      in.add(job);
    }
    enter.accept(job);
  }

  /** Removes a waiting job; false if it does not wait. */
  public synchronized boolean withdraw(Job job) {
    PublisherQueue<Job> queue = waiting.get(job.delivery().lane());
    return queue != null && queue.remove(job);
  }

  /** The job holds no context any more, or never will. */
  public void leave(Job job) {
    String lane = job.delivery().lane();
    Optional<Job> next;
    synchronized (this) {
      PublisherQueue<Job> queue = waiting.computeIfAbsent(lane, name -> new PublisherQueue<>());
      queue.remove(job);
      Set<Job> in = inside.computeIfAbsent(lane, name -> new HashSet<>());
      if (!in.remove(job)) {
        return;
      }
      next = queue.poll();
      next.ifPresent(in::add);
    }
    next.ifPresent(enter);
  }
}
