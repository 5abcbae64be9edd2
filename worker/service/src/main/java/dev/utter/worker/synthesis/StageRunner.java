package dev.utter.worker.synthesis;

import dev.utter.speech.EngineBrokenException;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one stage of one job and sorts what goes wrong into the four families. */
final class StageRunner {
  /** What becomes of a job whose stage did not end well. */
  interface Ends {
    /** It can never succeed. */
    void failed(Job job, RequestFailedException why);

    /** Its bytes are no request. */
    void undecodable(Job job, String why);

    /** Nobody expected this; {@code again} repeats the stage. */
    void unexpected(Job job, RuntimeException why, Runnable again);
  }

  private static final Logger LOGGER = LoggerFactory.getLogger(StageRunner.class);

  private final Pools pools;
  private final Backoff backoff;
  private final Ends ends;
  private final Consumer<WorkerBrokenException> broken;
  private final SynthesisListener listener;

  StageRunner(
      Pools pools,
      Backoff backoff,
      Ends ends,
      Consumer<WorkerBrokenException> broken,
      SynthesisListener listener) {
    this.pools = pools;
    this.backoff = backoff;
    this.ends = ends;
    this.broken = broken;
    this.listener = listener;
  }

  void run(String name, Executor pool, Job job, Consumer<Job> stage) {
    run(name, pool, job, stage, 0);
  }

  private void run(String name, Executor pool, Job job, Consumer<Job> stage, int failures) {
    pool.execute(() -> attempt(name, pool, job, stage, failures));
  }

  private void attempt(String name, Executor pool, Job job, Consumer<Job> stage, int failures) {
    try {
      sort(name, pool, job, stage, failures);
    } catch (RuntimeException | Error e) {
      // A mistake of ours outside any one request: better found at once than as a lost place.
      broken.accept(new WorkerBrokenException("stage " + name + " ended in " + e, e));
    }
  }

  private void sort(String name, Executor pool, Job job, Consumer<Job> stage, int failures) {
    try {
      stage.accept(job);
    } catch (NotMineException e) {
      LOGGER.atDebug().addKeyValue("delivery", job.delivery()).log("Work dropped");
    } catch (RetryLaterException e) {
      Duration pause = backoff.after(failures);
      LOGGER
          .atInfo()
          .addKeyValue("stage", name)
          .addKeyValue("delivery", job.delivery())
          .addKeyValue("pause", pause)
          .addKeyValue("reason", e.getMessage())
          .log("Stage put off");
      listener.retrying(name, pause);
      pools.after(pause, () -> run(name, pool, job, stage, failures + 1));
    } catch (RequestFailedException e) {
      ends.failed(job, e);
    } catch (UndecodableRecordException e) {
      ends.undecodable(job, e.getMessage());
    } catch (WorkerBrokenException e) {
      broken.accept(e);
    } catch (EngineBrokenException e) {
      broken.accept(new WorkerBrokenException("the engine is broken: " + e.getMessage(), e));
    } catch (RuntimeException e) {
      if (job.dropped()) {
        return;
      }
      LOGGER
          .atWarn()
          .setCause(e)
          .addKeyValue("stage", name)
          .addKeyValue("delivery", job.delivery())
          .log("Unexpected error");
      listener.unexpected(e);
      ends.unexpected(job, e, () -> run(name, pool, job, stage));
    }
  }
}
