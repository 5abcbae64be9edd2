package dev.utter.worker.synthesis.schedule;

import dev.utter.speech.Urgency;
import dev.utter.worker.synthesis.fair.LaneQueue;
import dev.utter.worker.synthesis.fair.LaneQueue.Next;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.job.Job;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides what begins next: INTERACTIVE before NORMAL before BULK, except for the {@linkplain
 * LaneQueue shares} of the lanes; and within a lane its publishers in turn. Two kinds of work begin
 * with a start marker, since both may crash the process: the decoding of context audio, which is
 * short and precedes the engine, and everything from the engine to the published outcome.
 *
 * <p>A job whose lane is owed a place is raised: from then on it counts as INTERACTIVE, here and in
 * the engine, and so keeps its place to its end. That goes for one that waits, and for one that has
 * begun and was preempted; the latter comes first. Shares are counted in the audio of what was
 * begun: the expected length of the text, corrected when the real length is known.
 *
 * <p>A job begins when fewer jobs than there are slots are generated that are as urgent as itself
 * or more: where less urgent ones hold the slots, the engine preempts one of them. The same holds
 * for the clips being finished. Together there are never more than twice as many as there is room
 * for, which bounds what is preempted. A clip that waits for something unavailable steps aside and
 * holds no place, as long as no more of them wait than may be finishing; so no more than twice as
 * many clips lie in memory.
 *
 * <p>A suspect begins alone: only when nothing else is inside, that is between its start marker and
 * its published outcome. So a record that crashes the process costs no other job an attempt. Jobs
 * behind a suspect pass it. This is bounded on both sides:
 *
 * <ul>
 *   <li>A suspect that has waited for {@code waits} closes the door: nothing begins until those
 *       inside are done and it has begun. If they are not done within {@code drain}, the door opens
 *       for as long again.
 *   <li>A suspect that has run alone for {@code alone} gets company. From the moment it is out, the
 *       door stays open for {@code waits} whatever further suspects there are.
 * </ul>
 *
 * <p>So because of suspects a job of any lane waits for at most {@code drain} + {@code alone} at a
 * stretch, and then all that wait have {@code waits} to begin. While something that all need is
 * unavailable no suspect begins: it could not end, and would put those at risk that wait.
 *
 * <p>Thread-safe; jobs are started outside the lock. {@link #tick} is to be called now and then.
 */
public final class Scheduler {
  private record Suspect(Job job, Instant since) {}

  /** Jobs for each place: one that holds it, one that had to leave it to a more urgent one. */
  private static final int JOBS_PER_PLACE = 2;

  /** Longest clip, in milliseconds. */
  private static final long MAX_MILLIS = 90_000;

  private final LaneQueue<Job> queue;
  private final LaneQueue<Job> contexts;

  /** Suspects that wait, the oldest first. */
  private final List<Suspect> suspects = new ArrayList<>();

  private final Set<Job> decoding = new HashSet<>();

  /** In the order in which they began. */
  private final Set<Job> generating = new LinkedHashSet<>();

  private final Set<Job> finishing = new HashSet<>();
  private final Set<Job> aside = new HashSet<>();
  private final Places places;
  private final Suspects rules;
  private final BooleanSupplier outage;
  private final Consumer<List<Job>> start;
  private final Clock clock;
  private boolean open;

  /** The suspect inside, and when its work began; no time before its start marker is committed. */
  private @Nullable Job suspect;

  private Optional<Instant> suspectBegan = Optional.empty();
  private Instant doorOpenUntil = Instant.MIN;
  private Optional<Instant> doorClosed = Optional.empty();

  /**
   * Max numbers of jobs by place.
   *
   * @param slots jobs the engine generates at a time
   * @param maxFinishing jobs that may be past the engine and not yet published
   * @param decoding jobs whose context is decoded at a time
   */
  public record Places(int slots, int maxFinishing, int decoding) {}

  /**
   * A closed scheduler.
   *
   * @param outage whether something that all jobs need is unavailable
   * @param start begins jobs, never none; called outside the lock
   */
  public Scheduler(
      Places places,
      LaneShares shares,
      Suspects rules,
      BooleanSupplier outage,
      Consumer<List<Job>> start,
      Clock clock) {
    this.places = places;
    this.queue = new LaneQueue<>(shares, MAX_MILLIS, places.slots(), this::hasPreempted);
    this.contexts = new LaneQueue<>(shares, 1, places.decoding());
    this.rules = rules;
    this.outage = outage;
    this.start = start;
    this.clock = clock;
  }

  /** Lets jobs begin from now on. */
  public void open() {
    synchronized (this) {
      open = true;
    }
    startNext();
  }

  /** The job waits for its context to be decoded; a suspect has that done when it is alone. */
  public void awaitContext(Job job) {
    if (job.suspect()) {
      ready(job);
      return;
    }
    synchronized (this) {
      contexts.add(job, job.lane(), job.publisher(), 1);
    }
    startNext();
  }

  /** The job waits for the engine. */
  public void ready(Job job) {
    synchronized (this) {
      decoding.remove(job);
      if (job.suspect()) {
        suspects.add(new Suspect(job, clock.instant()));
      } else {
        queue.add(job, job.lane(), job.publisher(), job.expectedMillis());
      }
    }
    startNext();
  }

  /** The job's start marker is committed, its work begins. */
  public synchronized void begun(Job job) {
    if (job == suspect && suspectBegan.isEmpty()) {
      suspectBegan = Optional.of(clock.instant());
    }
  }

  /** The job has left the engine with this much audio. */
  public void generated(Job job, Duration audio) {
    synchronized (this) {
      if (generating.contains(job)) {
        queue.settle(job.lane(), job.expectedMillis(), audio.toMillis(), job.raised());
      }
    }
    generated(job);
  }

  /** The job has left the engine, or failed on its way there. */
  public void generated(Job job) {
    synchronized (this) {
      boolean decoded = decoding.remove(job);
      if (generating.remove(job) || decoded) {
        finishing.add(job);
      }
    }
    startNext();
  }

  /** A job past the engine waits for something unavailable. */
  public void stepAside(Job job) {
    synchronized (this) {
      if (aside.size() < places.maxFinishing() && finishing.remove(job)) {
        aside.add(job);
      }
    }
    startNext();
  }

  /** It does not wait any more. */
  public synchronized void stepBack(Job job) {
    if (aside.remove(job)) {
      finishing.add(job);
    }
  }

  /** The job is over, here at least: published, dropped, or to begin anew. */
  public void left(Job job) {
    synchronized (this) {
      withdraw(job);
      decoding.remove(job);
      generating.remove(job);
      finishing.remove(job);
      aside.remove(job);
      if (job == suspect) {
        suspect = null;
        doorOpenUntil = clock.instant().plus(rules.waits());
      }
    }
    startNext();
  }

  /** Takes a job out of the queue; false if it is not waiting there. */
  public synchronized boolean withdraw(Job job) {
    return queue.remove(job)
        || contexts.remove(job)
        || suspects.removeIf(waiting -> waiting.job() == job);
  }

  /** Begins the jobs that may begin now. */
  public void tick() {
    startNext();
  }

  /** Jobs that wait for the engine. */
  public synchronized int waiting() {
    return queue.size() + suspects.size();
  }

  /** Jobs begun and not yet generated. */
  public synchronized int generating() {
    return generating.size();
  }

  private void startNext() {
    List<Job> starting = new ArrayList<>();
    synchronized (this) {
      if (open) {
        Instant now = clock.instant();
        for (Optional<Job> job = next(now); job.isPresent(); job = next(now)) {
          starting.add(job.get());
        }
      }
    }
    if (!starting.isEmpty()) {
      start.accept(starting);
    }
  }

  private Optional<Job> next(Instant now) {
    if (runsAlone(now)) {
      return Optional.empty();
    }
    Optional<Suspect> due = dueSuspect(now);
    if (due.isPresent()) {
      return isEmpty() ? Optional.of(beginSuspect(due.get())) : Optional.empty();
    }
    if (decoding.size() < places.decoding() && contexts.size() > 0) {
      Job job = contexts.poll().orElseThrow().item();
      decoding.add(job);
      return Optional.of(job);
    }
    raisePreempted();
    Optional<Next<Job>> first = queue.first();
    if (first.isPresent()) {
      return first.filter(this::mayBegin).map(this::begin);
    }
    return isEmpty() ? suspects().findFirst().map(this::beginSuspect) : Optional.empty();
  }

  /** Jobs that the engine preempts, or keeps waiting, for more urgent ones. */
  private Stream<Job> preempted() {
    return generating.stream().sorted(Comparator.comparing(Job::urgency)).skip(places.slots());
  }

  private boolean hasPreempted(Urgency lane) {
    return preempted().anyMatch(job -> !job.raised() && job.lane() == lane);
  }

  private void raisePreempted() {
    for (Job job : preempted().toList()) {
      if (!job.raised() && queue.resume(job.lane(), job.expectedMillis())) {
        job.raise();
      }
    }
  }

  private boolean runsAlone(Instant now) {
    return suspect != null
        && suspectBegan.map(began -> now.isBefore(began.plus(rules.alone()))).orElse(true);
  }

  /** The suspect that has waited long enough to close the door; gives up a door closed too long. */
  private Optional<Suspect> dueSuspect(Instant now) {
    Optional<Suspect> due =
        suspect == null && !now.isBefore(doorOpenUntil)
            ? suspects()
                .filter(waiting -> !now.isBefore(waiting.since().plus(rules.waits())))
                .findFirst()
            : Optional.empty();
    if (due.isEmpty()) {
      doorClosed = Optional.empty();
      return due;
    }
    Instant closed = doorClosed.orElse(now);
    doorClosed = Optional.of(closed);
    if (now.isBefore(closed.plus(rules.drain()))) {
      return due;
    }
    doorClosed = Optional.empty();
    doorOpenUntil = now.plus(rules.drain());
    return Optional.empty();
  }

  private Stream<Suspect> suspects() {
    return outage.getAsBoolean() ? Stream.empty() : suspects.stream();
  }

  private boolean isEmpty() {
    return decoding.isEmpty() && generating.isEmpty() && finishing.isEmpty();
  }

  private Job beginSuspect(Suspect waiting) {
    suspects.remove(waiting);
    suspect = waiting.job();
    suspectBegan = Optional.empty();
    doorClosed = Optional.empty();
    generating.add(suspect);
    return suspect;
  }

  private Job begin(Next<Job> next) {
    if (next.guaranteed()) {
      next.item().raise();
    }
    // Before it is booked, so that one which is preempted by it counts as waiting.
    generating.add(next.item());
    queue.poll();
    return next.item();
  }

  private boolean mayBegin(Next<Job> next) {
    Urgency urgency = next.guaranteed() ? Urgency.INTERACTIVE : next.item().urgency();
    return hasRoom(generating, places.slots(), urgency)
        && hasRoom(finishing, places.maxFinishing(), urgency);
  }

  private static boolean hasRoom(Set<Job> jobs, int places, Urgency urgency) {
    long ahead = jobs.stream().filter(job -> job.urgency().compareTo(urgency) <= 0).count();
    return ahead < places && jobs.size() < JOBS_PER_PLACE * places;
  }
}
