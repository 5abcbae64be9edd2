package dev.utter.worker.synthesis;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.Speech;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.synthesis.RequestState.Attempted;
import dev.utter.worker.synthesis.RequestState.FetchingContext;
import dev.utter.worker.synthesis.RequestState.Ready;
import dev.utter.worker.synthesis.RequestState.Storing;
import dev.utter.worker.synthesis.RequestState.Taken;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Leads every job from step to step. As many jobs as the engine has slots are generated at the same
 * time; marking and storing of some clips run beside the generation of others.
 *
 * <p>Everything that may take the process down is covered by a start mark, so that a record that
 * does it is counted. Checks and the look into the store come before any mark. Context audio is
 * hostile input that is decoded ahead of the engine: a job is marked for it, and the mark is taken
 * back when the audio has been decoded, so that a job which only waits for the engine carries none.
 * Both ride on the commits that the intake makes anyway, one a turn of its loop. A job that was
 * under way when a worker died, in either kind of work, is a suspect: the {@link Scheduler} runs it
 * alone, its context included, under one mark. So an attempt is counted against those only that
 * were under way beside the culprit when it first did its harm.
 */
final class Synthesizer implements DeliveryHandler, JobStepRunner.Ends {

  /** What the steps work with. */
  record Tools(
      EventDeserializer<SynthesisRequested> requests,
      Planner planner,
      ClipStore clips,
      ContextFetcher context,
      Generation generation,
      Consumer<Job> marking,
      OutcomeEvents events,
      StartedEvents startedEvents) {}

  private final int attemptLimit;
  private final Tools tools;
  private final Pools pools;
  private final JobStepRunner runner;
  private final Consumer<WorkerBrokenException> broken;
  private final SynthesisListener listener;
  private final Clock clock;
  private final Duration behindAnother;
  private final Scheduler scheduler;
  private final PrefetchGate prefetch;
  private final FinishedRequests finished = new FinishedRequests();
  private final Map<Delivery, Job> jobs = new ConcurrentHashMap<>();
  private final Map<String, Job> byId = new ConcurrentHashMap<>();
  private volatile Cancellations cancellations;

  /**
   * A synthesizer that does not begin yet.
   *
   * @param settings {@linkplain SynthesisSettings#sizedFor sized}
   * @param slots jobs the engine generates at a time
   */
  Synthesizer(
      SynthesisSettings settings,
      int slots,
      int attemptLimit,
      Tools tools,
      Pools pools,
      StepHealth health,
      Consumer<WorkerBrokenException> broken,
      SynthesisListener listener,
      Clock clock) {
    this.attemptLimit = attemptLimit;
    this.tools = tools;
    this.pools = pools;
    this.broken = broken;
    this.listener = listener;
    this.clock = clock;
    this.behindAnother = settings.retries().longest();
    this.runner =
        new JobStepRunner(pools, settings.retries(), this, health, broken, listener, clock);
    this.scheduler =
        new Scheduler(
            new Scheduler.Places(slots, settings.maxFinishing(), settings.contextThreads()),
            settings.shares(),
            settings.suspects(),
            health::isOutage,
            Synthesizer::start,
            clock);
    this.prefetch = new PrefetchGate(settings.prefetch(), scheduler::awaitContext);
  }

  private static void start(List<Job> jobs) {
    Delivery.startAll(jobs.stream().map(Job::delivery).toList());
  }

  /** Begins work once the cancellations of the past are known. */
  void openWith(Cancellations known) {
    cancellations = known;
    known.caughtUp().thenRun(scheduler::open);
  }

  @Override
  public void taken(Delivery delivery) {
    // Where the log was cut and read again, what became of the first delivery is lost.
    jobs.values().stream()
        .filter(other -> other.isOf(delivery))
        .map(Job::delivery)
        .toList()
        .forEach(this::dropped);
    Job job = new Job(delivery, clock.instant());
    jobs.put(delivery, job);
    runner.run(JobStep.PREPARATION, job, this::prepare);
  }

  @Override
  public void started(Delivery delivery) {
    Job job = jobs.get(delivery);
    if (job == null) {
      return;
    }
    scheduler.begun(job);
    if (job.state() instanceof FetchingContext) {
      runner.run(JobStep.CONTEXT, job, this::fetchContext);
    } else {
      begin(job);
    }
  }

  /** Into the engine. */
  private void begin(Job job) {
    runner.run(JobStep.ENCODING, job, this::encode);
    String id = job.request().orElseThrow().getRequestId();
    int attempt = job.delivery().starts();
    pools.notices(job).execute(() -> tools.startedEvents().publish(id, attempt));
  }

  @Override
  public void committed(Delivery delivery) {
    Job job = jobs.remove(delivery);
    if (job != null) {
      job.request().ifPresent(finished::add);
      forget(job);
    }
  }

  @Override
  public void dropped(Delivery delivery) {
    Job job = jobs.remove(delivery);
    if (job != null) {
      job.drop();
      forget(job);
    }
  }

  int waiting() {
    return scheduler.waiting();
  }

  /** A publisher does not want a request any more; nothing happens if it is another's. */
  void cancel(String requestId, String publisher) {
    Job job = byId.get(requestId);
    if (job != null && job.publisher().equals(publisher)) {
      job.cancel();
      endIfWaiting(job);
    }
  }

  private void prepare(Job job) {
    SynthesisRequested request = decode(job);
    Job first = claim(request.getRequestId(), job);
    if (job.dropped()) {
      // The drop may have come before there was anything to forget.
      byId.remove(request.getRequestId(), job);
      return;
    }
    if (first != job) {
      waitBehind(job);
      return;
    }
    if (finished.contains(request)) {
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
    if (job.delivery().starts() >= attemptLimit) {
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

  /** The job that works on this id: this one, unless an earlier one that is alive does. */
  private Job claim(String requestId, Job job) {
    return byId.compute(requestId, (id, other) -> other == null || other.dropped() ? job : other);
  }

  /** An earlier record of the same request is under way; what comes of it is seen then. */
  private void waitBehind(Job job) {
    Runnable again =
        putOff(job, JobStep.PREPARATION, () -> runner.run(JobStep.PREPARATION, job, this::prepare));
    runner.after(behindAnother, job, again);
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
      begin(job);
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
    listener.stage("watermark", job.state(Storing.class).times().watermark());
    runner.run(JobStep.STORAGE, job, this::store);
  }

  private void store(Job job) {
    job.requireWanted(clock.instant());
    Storing storing = job.state(Storing.class);
    StoredClip stored = tools.clips().put(storing.plan(), storing.clip());
    StageTimes times = storing.timesAt(clock.instant());
    listener.stage("storage", times.storage());
    publish(job, () -> tools.events().completed(job, storing.before(), stored, times));
  }

  /** Builds the outcome, for as long as the registry takes, and hands it to the intake. */
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
    publish(
        job,
        () ->
            tools
                .events()
                .failed(
                    job,
                    job.request().orElseThrow(),
                    why.code(),
                    why.field().orElse(null),
                    why.getMessage(),
                    false));
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
    if (job.failures() > 2 * attemptLimit) {
      broken.accept(new WorkerBrokenException("a failure cannot even be published", why));
      return;
    }
    int attempts = Math.max(job.failures(), job.delivery().starts());
    if (attempts >= attemptLimit) {
      giveUp(
          job,
          FailureCode.INTERNAL,
          "unexpected error in attempt "
              + attempts
              + ", the last one: "
              + (step.readsForeignObjects() ? "the worker's log has it" : why));
      return;
    }
    Duration pause = runner.pause(job.failures());
    if (step.restarts()
        && job.state() instanceof Attempted attempted
        && job.tryMove(attempted.again())) {
      job.delivery().attemptFailed();
      scheduler.left(job);
      runner.after(pause, job, () -> queue(job));
    } else {
      runner.after(pause, job, putOff(job, step, again));
    }
  }

  private void giveUp(Job job, FailureCode code, String message) {
    if (job.request().isEmpty()) {
      publish(job, () -> tools.events().undecodable(job, message));
      return;
    }
    publish(
        job,
        () -> tools.events().failed(job, job.request().orElseThrow(), code, null, message, true));
  }

  /** Ends a job on which nothing works at the moment, if it waits for anything but its outcome. */
  private void endIfWaiting(Job job) {
    if (job.stay().step() == JobStep.PUBLICATION || !isFirstOfItsId(job)) {
      return;
    }
    if (scheduler.withdraw(job) || prefetch.withdraw(job) || runner.withdraw(job)) {
      runner.run(JobStep.ENDING, job, ending -> ending.requireWanted(clock.instant()));
    }
  }

  /** A further record of a request has no outcome of its own. */
  private boolean isFirstOfItsId(Job job) {
    return job.request().filter(request -> byId.get(request.getRequestId()) == job).isPresent();
  }

  /** To be called several times a second: ends what nobody wants, begins what may begin. */
  void sweep() {
    Instant now = clock.instant();
    jobs.values().stream().filter(job -> !job.wanted(now)).forEach(this::endIfWaiting);
    scheduler.tick();
    reportQueue();
    reportAges(now);
  }

  private void forget(Job job) {
    runner.withdraw(job);
    job.request().ifPresent(request -> byId.remove(request.getRequestId(), job));
    prefetch.leave(job);
    scheduler.left(job);
    reportQueue();
  }

  private void reportQueue() {
    listener.queue(scheduler.waiting(), scheduler.generating());
  }

  private void reportAges(Instant now) {
    Instant taken = now;
    for (Job job : jobs.values()) {
      taken = job.takenAt().isBefore(taken) ? job.takenAt() : taken;
    }
    listener.oldest(Duration.between(taken, now));
    for (JobStep step : JobStep.values()) {
      Instant since =
          jobs.values().stream()
              .map(Job::stay)
              .filter(stay -> stay.step() == step && stay.since().isBefore(now))
              .map(Job.Stay::since)
              .min(Instant::compareTo)
              .orElse(now);
      listener.oldest(step.label(), Duration.between(since, now));
    }
  }
}
