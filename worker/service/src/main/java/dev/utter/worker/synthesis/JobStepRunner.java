package dev.utter.worker.synthesis;

import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.synthesis.SynthesisSettings.Retries;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.synthesis.job.StepTries;
import dev.utter.worker.trace.LogContext;
import dev.utter.worker.trace.TraceSpan;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one step of one job, and sorts its failures into the four families.
 *
 * <p>A step that met something unavailable is repeated after a pause. During the pause the job
 * holds no thread and, by {@link Ends#putOff}, no place that others need, and it can be {@linkplain
 * #withdraw withdrawn}. Patience with a step counts the time since its first failure in which the
 * step succeeded for others. When patience ends, the request fails. A misconfigured bucket of the
 * worker's settings uses up no patience, because no request is at fault.
 */
final class JobStepRunner {
  /**
   * Pauses that double.
   *
   * @param first the first
   * @param longest none is longer
   */
  record Backoff(Duration first, Duration longest) {

    /** The pause after this many failures in a row, 0 being the first. */
    Duration after(int failures) {
      Duration pause = first;
      for (int i = 0; i < failures && pause.compareTo(longest) < 0; i++) {
        pause = pause.multipliedBy(2);
      }
      return pause.compareTo(longest) < 0 ? pause : longest;
    }
  }

  /** Handles a job whose step failed. */
  interface Ends {
    /** It can never succeed. */
    void failed(Job job, RequestFailedException why);

    /** Its bytes cannot be decoded as a request. */
    void undecodable(Job job, String why);

    /** The error is unexpected; {@code again} repeats the step. */
    void unexpected(Job job, JobStep step, RuntimeException why, Runnable again);

    /**
     * The step is to be repeated after a pause; the job gives back what others need meanwhile.
     *
     * @param again repeats the step
     * @return takes back what was given back, and repeats
     */
    Runnable putOff(Job job, JobStep step, Runnable again);

    /** The step succeeds for others and fails for this job, for longer than the patience. */
    void outOfPatience(Job job, JobStep step, String why);
  }

  private static final Logger LOGGER = LoggerFactory.getLogger(JobStepRunner.class);

  private final Pools pools;
  private final Retries retries;
  private final Backoff backoff;
  private final Ends ends;
  private final StepHealth health;
  private final Consumer<WorkerBrokenException> broken;
  private final SynthesisListener listener;
  private final Clock clock;
  private final Map<Job, Runnable> waiting = new ConcurrentHashMap<>();

  JobStepRunner(
      Pools pools,
      Retries retries,
      Ends ends,
      StepHealth health,
      Consumer<WorkerBrokenException> broken,
      SynthesisListener listener,
      Clock clock) {
    this.pools = pools;
    this.retries = retries;
    this.backoff = new Backoff(retries.first(), retries.longest());
    this.ends = ends;
    this.health = health;
    this.broken = broken;
    this.listener = listener;
    this.clock = clock;
  }

  void run(JobStep step, Job job, Consumer<Job> work) {
    job.enter(step, clock.instant());
    pools.of(step, job).execute(() -> attempt(step, job, work));
  }

  /** Runs a task after a pause unless the job is {@linkplain #withdraw withdrawn} before. */
  void after(Duration pause, Job job, Runnable task) {
    waiting.put(job, task);
    if (job.dropped()) {
      withdraw(job);
      return;
    }
    pools.after(
        pause,
        () -> {
          if (waiting.remove(job, task)) {
            guarded("a pause", task);
          }
        });
  }

  /** The pause after this many failures in a row, at least 1. */
  Duration pause(int failures) {
    return backoff.after(failures - 1);
  }

  /** Ends a job's pause without running its task; false if the job is in no pause. */
  boolean withdraw(Job job) {
    return waiting.remove(job) != null;
  }

  private void attempt(JobStep step, Job job, Consumer<Job> work) {
    health.began(step);
    TraceSpan span = job.trace().begin(step);
    try {
      LogContext.run(
          job.requestId(),
          span,
          () -> guarded("step " + step.label(), () -> sort(step, job, work, span)));
    } finally {
      span.end();
      health.ended(step);
    }
  }

  private static Consumer<Job> traced(Consumer<Job> work, TraceSpan span) {
    return job -> {
      try {
        work.accept(job);
      } catch (RequestFailedException e) {
        span.fail(e.code().name());
        throw e;
      } catch (RuntimeException | Error e) {
        span.fail(e.getClass().getSimpleName());
        throw e;
      }
    };
  }

  private void guarded(String what, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // A defect outside of any request. It is reported at once, before it causes a lost slot.
      broken.accept(new WorkerBrokenException(what + " ended in " + e, e));
    }
  }

  private void sort(JobStep step, Job job, Consumer<Job> work, TraceSpan span) {
    Runnable again = () -> run(step, job, work);
    try {
      traced(work, span).accept(job);
      health.succeeded(step);
    } catch (NotMineException e) {
      LOGGER.atDebug().addKeyValue("delivery", job.delivery()).log("Work dropped");
    } catch (RetryLaterException e) {
      later(step, job, e, again);
    } catch (RequestFailedException e) {
      ends.failed(job, e);
    } catch (UndecodableRecordException e) {
      ends.undecodable(job, FailureText.of(e));
    } catch (WorkerBrokenException e) {
      broken.accept(e);
    } catch (EngineBrokenException e) {
      broken.accept(new WorkerBrokenException("the engine is broken: " + e.getMessage(), e));
    } catch (RuntimeException e) {
      if (job.dropped()) {
        return;
      }
      Optional<String> ours = MachineFailures.reason(e);
      if (ours.isPresent()) {
        later(step, job, new RetryLaterException(ours.get(), e), again);
      } else {
        unexpected(step, job, e, again);
      }
    } catch (StackOverflowError e) {
      // The data determines the depth of the stack.
      unexpected(step, job, new IllegalStateException("the stack overflowed", e), again);
    }
  }

  private void unexpected(JobStep step, Job job, RuntimeException why, Runnable again) {
    LOGGER
        .atWarn()
        .setCause(why)
        .addKeyValue("step", step.label())
        .addKeyValue("delivery", job.delivery())
        .log("Unexpected error");
    listener.unexpected(why);
    ends.unexpected(job, step, why, again);
  }

  private void later(JobStep step, Job job, RetryLaterException why, Runnable again) {
    Instant now = clock.instant();
    StepTries tries = job.tries(step);
    Optional<Instant> before = tries.failed(now);
    boolean ofStore = why instanceof StorageUnavailableException;
    health.failed(step, job, tries.failures(), ofStore, FailureText.of(why));
    boolean ofSettings = why instanceof StorageMisconfiguredException;
    if (before.isPresent() && !ofSettings && health.servesOthers(step, before.get(), ofStore)) {
      tries.waitedInVain(Duration.between(before.get(), now));
    }
    if (step.bounded() && tries.inVain().compareTo(retries.patience()) > 0) {
      ends.outOfPatience(
          job,
          step,
          "%s failed for %d s while others succeeded, %d times, the last time with: %s"
              .formatted(
                  step.label(),
                  tries.inVain().toSeconds(),
                  tries.failures(),
                  step.readsForeignObjects() ? "what the worker's log has" : why.getMessage()));
      return;
    }
    Duration pause = pause(tries.failures());
    LOGGER
        .atInfo()
        .addKeyValue("step", step.label())
        .addKeyValue("delivery", job.delivery())
        .addKeyValue("pause", pause)
        .addKeyValue("reason", why.getMessage())
        .log("Step postponed");
    listener.retrying(step.label(), pause);
    after(pause, job, ends.putOff(job, step, again));
  }
}
