package dev.utter.worker.synthesis.job;

import dev.utter.events.SynthesisRequested;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.trace.TraceSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The jobs of this worker, by their delivery and by the id they work on, and the requests that it
 * has finished. Thread-safe.
 */
public final class JobRegistry {
  private final Map<Delivery, Job> jobs = new ConcurrentHashMap<>();
  private final Map<String, Job> byId = new ConcurrentHashMap<>();
  private final FinishedRequests finished = new FinishedRequests();

  /** A job for a delivery. */
  public Job add(Delivery delivery, Instant now, TraceSpan span) {
    Job job = new Job(delivery, now, span);
    jobs.put(delivery, job);
    return job;
  }

  /** The job of a delivery; empty if it was ended or dropped. */
  public Optional<Job> find(Delivery delivery) {
    return Optional.ofNullable(jobs.get(delivery));
  }

  /** The job that works on an id. */
  public Optional<Job> find(String requestId) {
    return Optional.ofNullable(byId.get(requestId));
  }

  /** Deliveries of the same record at another time. */
  public List<Delivery> othersOf(Delivery delivery) {
    return jobs.values().stream().filter(other -> other.isOf(delivery)).map(Job::delivery).toList();
  }

  /** Takes a delivery's job out, so that no other thread does. */
  public Optional<Job> remove(Delivery delivery) {
    return Optional.ofNullable(jobs.remove(delivery));
  }

  /** The job that works on this id: this one, unless an earlier one that is alive does. */
  public Job claim(String requestId, Job job) {
    return byId.compute(requestId, (id, other) -> other == null || other.dropped() ? job : other);
  }

  /** The job no longer works on its id. */
  public void release(Job job) {
    job.request().ifPresent(request -> byId.remove(request.getRequestId(), job));
  }

  /**
   * Whether the job is the one that works on its id: a further record has no outcome of its own.
   */
  public boolean isFirstOfItsId(Job job) {
    return job.request().filter(request -> byId.get(request.getRequestId()) == job).isPresent();
  }

  /** The outcome of the job's request is published. */
  public void finish(Job job) {
    job.request().ifPresent(finished::add);
  }

  /** Whether the outcome of this request was published here lately. */
  public boolean hasFinished(SynthesisRequested request) {
    return finished.contains(request);
  }

  /** All jobs. */
  public Stream<Job> all() {
    return jobs.values().stream();
  }

  /** How long the oldest job is held; zero if there is none. */
  public Duration oldest(Instant now) {
    return age(all().map(Job::takenAt), now);
  }

  /** Longest time that a job has been at this step; zero if there is none. */
  public Duration oldest(JobStep step, Instant now) {
    return age(all().map(Job::stay).filter(stay -> stay.step() == step).map(Job.Stay::since), now);
  }

  private static Duration age(Stream<Instant> since, Instant now) {
    Instant first = since.filter(time -> time.isBefore(now)).min(Instant::compareTo).orElse(now);
    return Duration.between(first, now);
  }
}
