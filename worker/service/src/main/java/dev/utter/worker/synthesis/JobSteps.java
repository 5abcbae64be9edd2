package dev.utter.worker.synthesis;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.Speech;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.synthesis.SynthesisSettings.Retries;
import dev.utter.worker.synthesis.cancellation.Cancellations;
import dev.utter.worker.synthesis.clip.StoredClip;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobRegistry;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.RequestState;
import dev.utter.worker.synthesis.job.RequestState.Attempted;
import dev.utter.worker.synthesis.job.RequestState.FetchingContext;
import dev.utter.worker.synthesis.job.RequestState.Ready;
import dev.utter.worker.synthesis.job.RequestState.Storing;
import dev.utter.worker.synthesis.job.RequestState.Taken;
import dev.utter.worker.synthesis.job.StageTimes;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.schedule.PrefetchGate;
import dev.utter.worker.synthesis.schedule.Scheduler;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a job, in their order, and where each leads. {@link JobStep} says for each in which
 * pool it runs and how its failures count.
 *
 * <pre>
 *   prepare ─▶ fetchContext ─▶ encode ─▶ engine ─▶ generated ─▶ mark ─▶ store ─▶ publish
 *      │  └───(no context)───────▲                                               ▲
 *      └───(stored already, refused)─────────────────────────────────────────────┘
 * </pre>
 *
 * <p>Before fetchContext and before encode a job waits for a start marker; a suspect waits once,
 * for both. {@link PrefetchGate} bounds the jobs before fetchContext. {@link Scheduler} decides
 * when a job gets its marker, and {@link Delivery#startAll} asks the intake for it. When the marker
 * is committed, the intake calls {@link Synthesizer#started}, which runs the step. The last step
 * ends with {@link Delivery#finish}. When the outcome is committed, the intake calls {@link
 * Synthesizer#committed}.
 *
 * <p>Threading: safe.
 */
final class JobSteps implements JobStepRunner.Ends {

  private final JobTools tools;
  private final JobRegistry jobs;
  private final Pools pools;
  private final Scheduler scheduler;
  private final PrefetchGate prefetch;
  private final FailurePolicy policy;
  private final JobStepRunner runner;
  private final Duration behindAnother;
  private final Consumer<WorkerBrokenException> broken;
  private final SynthesisListener listener;
  private final Clock clock;

  @SuppressWarnings("NullAway.Init") // observe() sets it, before the first job.
  private volatile Cancellations cancellations;

  /**
   * The steps.
   *
   * @param scheduler decides when context is fetched and when the engine gets a job
   * @param prefetch bounds the jobs whose context is in memory
   */
  JobSteps(
      JobTools tools,
      JobRegistry jobs,
      Pools pools,
      Scheduler scheduler,
      PrefetchGate prefetch,
      FailurePolicy policy,
      Retries retries,
      StepHealth health,
      Consumer<WorkerBrokenException> broken,
      SynthesisListener listener,
      Clock clock) {
    this.tools = tools;
    this.jobs = jobs;
    this.pools = pools;
    this.scheduler = scheduler;
    this.prefetch = prefetch;
    this.policy = policy;
    this.behindAnother = retries.longest();
    this.broken = broken;
    this.listener = listener;
    this.clock = clock;
    this.runner = new JobStepRunner(pools, retries, this, health, broken, listener, clock);
  }

  /** The cancellations to look at; to be set before the first job is taken. */
  void observe(Cancellations known) {
    cancellations = known;
  }

  /** The job is new. */
  void begin(Job job) {
    runner.run(JobStep.PREPARATION, job, this::prepare);
  }

  /** The start marker for context is committed. */
  void contextStarted(Job job) {
    runner.run(JobStep.CONTEXT, job, this::fetchContext);
  }

  /** The start marker for the engine is committed. */
  void engineStarted(Job job) {
    runner.run(JobStep.ENCODING, job, this::encode);
    String id = job.request().orElseThrow().getRequestId();
    int attempt = job.delivery().starts();
    pools.notices(job).execute(() -> tools.startedEvents().publish(id, attempt));
  }

  /** Ends a job that is not wanted any more and on which nothing works. */
  void end(Job job) {
    runner.run(JobStep.ENDING, job, ending -> ending.requireWanted(clock.instant()));
  }

  /** Ends a job's pause without running its task; false if the job is in no pause. */
  boolean withdraw(Job job) {
    return runner.withdraw(job);
  }

  private void prepare(Job job) {
    if (job.request().isEmpty()) {
      // Before anything that it may be stuck on; whose further record it is comes later.
      job.requireWanted(clock.instant());
    }
    SynthesisRequested request = decode(job);
    Job first = jobs.claim(request.getRequestId(), job);
    if (job.dropped()) {
      // The drop may have come before there was anything to forget.
      jobs.release(job);
      return;
    }
    if (first != job) {
      waitBehind(job);
      return;
    }
    if (!job.redriven() && jobs.hasFinished(request)) {
      publish(job, tools.events()::duplicate);
      return;
    }
    Plan plan = tools.planner().plan(request);
    if (cancellations.contains(plan.requestId(), job.publisher())) {
      job.cancel();
    }
    job.requireWanted(clock.instant());
    Optional<StoredClip> stored = tools.clips().find(plan);
    if (stored.isPresent()) {
      listener.reused();
      publish(job, () -> tools.events().completed(job, plan, stored.get(), StageTimes.NONE));
      return;
    }
    if (policy.isExhausted(job.delivery().starts())) {
      giveUp(
          job,
          FailureCode.ATTEMPTS_EXHAUSTED,
          "%d attempts were begun and none ended; the worker died in each"
              .formatted(job.delivery().starts()));
      return;
    }
    tools.generation().check(plan);
    FetchingContext fetching = job.state(Taken.class).fetchContext(plan, clock.instant());
    job.move(fetching);
    if (request.getContext().isEmpty()) {
      ready(job, fetching.ready(List.of(), clock.instant()));
    } else {
      awaitContext(job);
    }
  }

  private SynthesisRequested decode(Job job) {
    if (job.request().isEmpty()) {
      var record = job.delivery().record();
      job.decoded(tools.requests().deserialize(record.topic(), record.headers(), record.value()));
    }
    return job.request().orElseThrow();
  }

  /** Waits while an earlier record of the same request is processed, then looks at its result. */
  private void waitBehind(Job job) {
    runner.after(behindAnother, job, putOff(job, JobStep.PREPARATION, () -> begin(job)));
  }

  private void awaitContext(Job job) {
    if (job.suspect()) {
      scheduler.awaitContext(job);
    } else {
      prefetch.ask(job);
    }
    leaveIfDropped(job);
    reportQueue();
  }

  private void fetchContext(Job job) {
    job.requireWanted(clock.instant());
    FetchingContext fetching = job.state(FetchingContext.class);
    List<ContextAudio> context = tools.context().fetch(fetching.plan().request());
    Ready ready = fetching.ready(context, clock.instant());
    if (job.suspect()) {
      job.move(ready);
      engineStarted(job);
    } else {
      job.delivery().takeStartBack();
      ready(job, ready);
    }
  }

  private void ready(Job job, Ready ready) {
    job.move(ready);
    queue(job);
  }

  private void queue(Job job) {
    scheduler.ready(job);
    leaveIfDropped(job);
    reportQueue();
  }

  /** A drop may have come before there was anything to take out of a queue. */
  private void leaveIfDropped(Job job) {
    if (job.dropped()) {
      prefetch.leave(job);
      scheduler.left(job);
    }
  }

  private void encode(Job job) {
    reportQueue();
    tools.generation().encode(job);
    prefetch.leave(job);
    job.trace().ahead(JobStep.GENERATION);
    CompletableFuture<Speech> speech = tools.generation().submit(job);
    // Completed by the engine's thread, which must be free for the next frame at once.
    speech.whenComplete(
        (spoken, failure) ->
            runner.run(JobStep.GENERATION, job, ended -> generated(ended, speech)));
  }

  private void generated(Job job, CompletableFuture<Speech> speech) {
    Duration audio = tools.generation().end(job, speech);
    runner.run(JobStep.MARKING, job, this::mark);
    scheduler.generated(job, audio);
    reportQueue();
  }

  private void mark(Job job) {
    job.requireWanted(clock.instant());
    tools.marking().accept(job);
    listener.step("watermark", job.state(Storing.class).times().watermark());
    runner.run(JobStep.STORAGE, job, this::store);
  }

  private void store(Job job) {
    job.requireWanted(clock.instant());
    Storing storing = job.state(Storing.class);
    StoredClip stored = tools.clips().put(storing.plan(), storing.clip());
    StageTimes times = storing.timesAt(clock.instant());
    listener.step("storage", times.storage());
    publish(job, () -> tools.events().completed(job, storing.before(), stored, times));
  }

  /** Builds the outcome, repeating until the registry answers, and hands it to the intake. */
  private void publish(Job job, Supplier<Outcome> outcome) {
    prefetch.leave(job);
    scheduler.generated(job);
    runner.run(
        JobStep.PUBLICATION,
        job,
        publishing -> {
          Outcome built = outcome.get();
          publishing.move(publishing.state(RequestState.Live.class).publish(built));
          publishing.delivery().finish(built);
        });
  }

  @Override
  public void failed(Job job, RequestFailedException why) {
    Optional<SkippedException> skipped = job.skipped();
    if (skipped.isPresent()) {
      publish(job, () -> tools.events().skipped(job, skipped.get()));
      return;
    }
    fail(job, why.code(), why.field().orElse(null), FailureText.of(why), false);
  }

  @Override
  public void undecodable(Job job, String why) {
    publish(job, () -> tools.events().undecodable(job, why));
  }

  @Override
  public void outOfPatience(Job job, JobStep step, String why) {
    giveUp(job, FailureCode.INTERNAL, why);
  }

  @Override
  public Runnable putOff(Job job, JobStep step, Runnable again) {
    Runnable resumed = again;
    if (step == JobStep.CONTEXT) {
      // Nothing of it is decoded: it gives its places back and asks for them anew.
      job.delivery().takeStartBack();
      prefetch.leave(job);
      scheduler.left(job);
      resumed = () -> awaitContext(job);
    } else {
      scheduler.stepAside(job);
    }
    job.delivery().setAside(true);
    Runnable then = resumed;
    return () -> {
      job.delivery().setAside(false);
      scheduler.stepBack(job);
      then.run();
    };
  }

  @Override
  public void unexpected(Job job, JobStep step, RuntimeException why, Runnable again) {
    job.failedUnexpectedly(step);
    int starts = job.delivery().starts();
    boolean attempted = job.state() instanceof Attempted;
    switch (policy.decide(step, job.failures(), starts, attempted)) {
      case WORKER_BROKEN ->
          broken.accept(new WorkerBrokenException("a failure cannot even be published", why));
      case GIVE_UP ->
          giveUp(
              job,
              FailureCode.INTERNAL,
              "unexpected error in attempt "
                  + policy.attempts(job.failures(), starts)
                  + ", the last one: "
                  + (step.readsForeignObjects() ? "the worker's log has it" : why));
      case RESTART -> restart(job, step, again);
      case REPEAT -> repeat(job, step, again);
    }
  }

  private void restart(Job job, JobStep step, Runnable again) {
    if (job.state() instanceof Attempted attempted && job.tryMove(attempted.again())) {
      job.delivery().attemptFailed();
      scheduler.left(job);
      runner.after(runner.pause(job.failures()), job, () -> queue(job));
    } else {
      repeat(job, step, again);
    }
  }

  private void repeat(Job job, JobStep step, Runnable again) {
    runner.after(runner.pause(job.failures()), job, putOff(job, step, again));
  }

  private void giveUp(Job job, FailureCode code, String message) {
    if (job.request().isEmpty()) {
      undecodable(job, message);
    } else {
      fail(job, code, null, message, true);
    }
  }

  private void fail(
      Job job, FailureCode code, @Nullable String field, String message, boolean deadLetter) {
    SynthesisRequested request = job.request().orElseThrow();
    publish(job, () -> tools.events().failed(job, request, code, field, message, deadLetter));
  }

  /** Reports how many jobs wait for the engine and how many it has. */
  void reportQueue() {
    listener.queue(scheduler.waiting(), scheduler.generating());
  }
}
