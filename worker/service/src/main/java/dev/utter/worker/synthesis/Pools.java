package dev.utter.worker.synthesis;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.Urgency;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.fair.UrgentPool;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.threads.NamedThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The thread pools of synthesis beside the engine's threads. Each kind of step has a separate pool,
 * so that a hanging store delays no other kind, above all not outcomes that are ready. The intake's
 * windows bound the queues: each job waits in at most one of them. The more urgent job goes first,
 * except for the shares of the lanes. After {@link #close} new work is dropped, since this worker
 * owns none any more.
 */
final class Pools {
  /** Encoding uses all processors in one thread. */
  private static final int ENCODING_THREADS = 1;

  private final Map<JobStep.Pool, UrgentPool> pools = new EnumMap<>(JobStep.Pool.class);

  /** Threads for interactive clips only, because marking a long clip takes a minute. */
  private final UrgentPool interactiveMarking;

  private final UrgentPool notices;
  private final NamedThreads timers = NamedThreads.of("utter-timer");
  private final ScheduledExecutorService timer;

  Pools(SynthesisSettings settings, SynthesisSizes sizes) {
    LaneShares shares = settings.shares();
    for (JobStep.Pool pool : JobStep.Pool.values()) {
      pools.put(pool, new UrgentPool(threads(pool, settings, sizes), pool.label(), shares));
    }
    interactiveMarking =
        new UrgentPool(
            sizes.finishingThreads(), JobStep.Pool.MARKING.label() + "-interactive", shares);
    notices = new UrgentPool(1, "utter-notices", shares);
    timer = Executors.newSingleThreadScheduledExecutor(timers);
  }

  private static int threads(JobStep.Pool pool, SynthesisSettings settings, SynthesisSizes sizes) {
    return switch (pool) {
      case PREPARATION, CONTEXT, STORAGE -> settings.contextThreads();
      case ENCODING -> ENCODING_THREADS;
      case GENERATION -> 1;
      case MARKING -> sizes.finishingThreads();
      // A hanging registry blocks one of them with the first outcome of a kind, not both.
      case PUBLICATION -> 2;
    };
  }

  /** For a step of a job. */
  Executor of(JobStep step, Job job) {
    if (step == JobStep.MARKING && job.urgency() == Urgency.INTERACTIVE) {
      return lenient(interactiveMarking.of(job));
    }
    // Without audio to encode, the step only submits the job to the engine.
    boolean brief = step == JobStep.ENCODING && !Generation.hasSound(job);
    return lenient(
        requireNonNull(pools.get(brief ? JobStep.Pool.GENERATION : step.pool())).of(job));
  }

  /** For events that are published with best effort. */
  Executor notices(Job job) {
    return lenient(notices.of(job));
  }

  void after(Duration pause, Runnable task) {
    lenient(command -> timer.schedule(command, pause.toMillis(), TimeUnit.MILLISECONDS))
        .execute(task);
  }

  /** Runs a task periodically; it must not throw. */
  void every(Duration period, Runnable task) {
    timer.scheduleWithFixedDelay(task, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Executor lenient(Executor executor) {
    return task -> {
      try {
        executor.execute(task);
      } catch (RejectedExecutionException e) {
        // Closed: every job was dropped before.
      }
    };
  }

  /**
   * Ends all threads. Threads that wait for the network are interrupted, because this worker owns
   * none of their jobs any more. Threads in native code cannot be interrupted, and are waited for.
   *
   * @return whether all in native code have ended
   */
  boolean close(Duration patience) {
    List<UrgentPool> interruptible = new ArrayList<>(List.of(notices));
    List<UrgentPool> natives = new ArrayList<>(List.of(interactiveMarking));
    pools.forEach((kind, pool) -> (kind.isNative() ? natives : interruptible).add(pool));
    timer.shutdownNow();
    interruptible.forEach(UrgentPool::interrupt);
    natives.forEach(UrgentPool::shutdown);
    long end = System.nanoTime() + patience.toNanos();
    boolean ended = natives.stream().allMatch(pool -> pool.join(left(end)));
    interruptible.forEach(pool -> pool.join(left(end)));
    timers.join(left(end));
    return ended;
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
  }
}
