package dev.utter.worker.synthesis;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.Speech;
import dev.utter.speech.Urgency;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.RetryLaterException;
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
 * Leads every job from stage to stage. Preparation (look in the store, fetch context) runs ahead of
 * the engine and cannot harm the process; everything native or hungry comes after the start mark.
 * As many jobs as the engine has slots are generated at the same time; marking and storing of some
 * clips run beside the generation of others.
 */
final class Synthesizer implements DeliveryHandler, StageRunner.Ends {
  private static final Duration SWEEP = Duration.ofMillis(250);

  /** What the stages work with. */
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
  private final StageRunner runner;
  private final Consumer<WorkerBrokenException> broken;
  private final SynthesisListener listener;
  private final Clock clock;
  private final Backoff backoff;
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
      Consumer<WorkerBrokenException> broken,
      SynthesisListener listener,
      Clock clock) {
    this.attemptLimit = attemptLimit;
    this.tools = tools;
    this.pools = pools;
    this.broken = broken;
    this.listener = listener;
    this.clock = clock;
    this.backoff = new Backoff(settings.firstRetry(), settings.maxRetry());
    this.runner = new StageRunner(pools, backoff, this, broken, listener);
    this.scheduler = new Scheduler(slots, settings.maxFinishing(), Synthesizer::start);
    this.prefetch =
        new PrefetchGate(
            settings.prefetch(),
            job -> runner.run("context", pools.context(job.urgency()), job, this::fetchContext));
  }

  private static void start(List<Job> jobs) {
    Delivery.startAll(jobs.stream().map(Job::delivery).toList());
  }

  /** Begins work once the cancellations of the past are known. */
  void openWith(Cancellations known) {
    cancellations = known;
    known.caughtUp().thenRun(scheduler::open);
    pools.every(SWEEP, this::sweep);
  }

  @Override
  public void taken(Delivery delivery) {
    Job job = new Job(delivery, clock.instant());
    jobs.put(delivery, job);
    runner.run("preparation", pools.context(job.urgency()), job, this::prepare);
  }

  @Override
  public void started(Delivery delivery) {
    Job job = jobs.get(delivery);
    if (job != null) {
      Urgency urgency = job.urgency();
      runner.run(
          "encoding",
          Generation.hasSound(job) ? pools.encoding(urgency) : pools.generation(urgency),
          job,
          this::encode);
      String id = job.request().orElseThrow().getRequestId();
      int attempt = delivery.starts();
      pools.context(urgency).execute(() -> tools.startedEvents().publish(id, attempt));
    }
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

  /** Its caller does not want it any more. */
  void cancel(String requestId) {
    Job job = byId.get(requestId);
    if (job != null) {
      job.cancel();
      if (scheduler.withdraw(job)) {
        end(job);
      }
    }
  }

  private void prepare(Job job) {
    SynthesisRequested request = decode(job);
    Job other = byId.putIfAbsent(request.getRequestId(), job);
    if (other != null && other != job) {
      throw new RetryLaterException("an earlier record of this request is under way", null);
    }
    if (finished.contains(request)) {
      publish(job, tools.events()::duplicate);
      return;
    }
    Plan plan = tools.planner().plan(request);
    if (cancellations.contains(plan.requestId())) {
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
    FetchingContext fetching = job.state(Taken.class).fetchContext(plan, clock.instant());
    job.move(fetching);
    if (request.getContext().isEmpty()) {
      ready(job, fetching.ready(List.of(), clock.instant()));
    } else {
      prefetch.ask(job);
      if (job.dropped()) {
        prefetch.leave(job);
      }
    }
  }

  private SynthesisRequested decode(Job job) {
    if (job.request().isEmpty()) {
      var record = job.delivery().record();
      job.decoded(tools.requests().deserialize(record.topic(), record.value()));
    }
    return job.request().orElseThrow();
  }

  private void fetchContext(Job job) {
    job.requireWanted(clock.instant());
    FetchingContext fetching = job.state(FetchingContext.class);
    List<ContextAudio> context = tools.context().fetch(fetching.plan().request());
    ready(job, fetching.ready(context, clock.instant()));
  }

  private void ready(Job job, Ready ready) {
    job.move(ready);
    queue(job);
  }

  private void queue(Job job) {
    scheduler.ready(job);
    if (job.dropped()) {
      // The drop may have come before there was anything to take out of the queue.
      scheduler.left(job);
    }
    tellQueue();
  }

  private void encode(Job job) {
    tellQueue();
    tools.generation().encode(job);
    prefetch.leave(job);
    CompletableFuture<Speech> speech = tools.generation().submit(job);
    // Completed by the engine's thread, which must be free for the next frame at once.
    speech.whenComplete(
        (spoken, failure) ->
            runner.run(
                "generation",
                pools.generation(job.urgency()),
                job,
                ended -> generated(ended, speech)));
  }

  private void generated(Job job, CompletableFuture<Speech> speech) {
    tools.generation().end(job, speech);
    runner.run("marking", pools.finishing(job.urgency()), job, this::mark);
    scheduler.generated(job);
    tellQueue();
  }

  private void mark(Job job) {
    job.requireWanted(clock.instant());
    tools.marking().accept(job);
    listener.stage("watermark", job.state(Storing.class).times().watermark());
    runner.run("storage", pools.finishing(job.urgency()), job, this::store);
  }

  private void store(Job job) {
    job.requireWanted(clock.instant());
    Storing storing = job.state(Storing.class);
    StoredClip stored = tools.clips().put(storing.plan(), storing.clip());
    StageTimes times = storing.timesAt(clock.instant());
    listener.stage("storage", times.storage());
    publish(job, () -> tools.events().completed(job, storing.plan(), stored, times));
  }

  /** Builds the outcome, for as long as the registry takes, and hands it to the intake. */
  private void publish(Job job, Supplier<Outcome> outcome) {
    prefetch.leave(job);
    scheduler.generated(job);
    runner.run(
        "publication",
        pools.context(job.urgency()),
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
  public void unexpected(Job job, RuntimeException why, Runnable again) {
    job.failedUnexpectedly();
    if (job.failures() > 2 * attemptLimit) {
      broken.accept(new WorkerBrokenException("a failure cannot even be published", why));
      return;
    }
    int attempts = Math.max(job.failures(), job.delivery().starts());
    if (attempts >= attemptLimit) {
      giveUp(
          job,
          FailureCode.INTERNAL,
          "unexpected error in attempt " + attempts + ", the last one: " + why);
      return;
    }
    Duration pause = backoff.after(job.failures());
    boolean restarts = job.state() instanceof Attempted attempted && job.tryMove(attempted.again());
    if (!restarts) {
      pools.after(pause, again);
      return;
    }
    job.delivery().attemptFailed();
    scheduler.left(job);
    pools.after(pause, () -> queue(job));
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

  /** Ends a job that waits for nothing but the engine and is not wanted. */
  private void end(Job job) {
    runner.run(
        "ending",
        pools.context(job.urgency()),
        job,
        ending -> ending.requireWanted(clock.instant()));
  }

  private void sweep() {
    Instant now = clock.instant();
    scheduler.withdrawUnwanted(now).forEach(this::end);
  }

  private void forget(Job job) {
    job.request().ifPresent(request -> byId.remove(request.getRequestId(), job));
    prefetch.leave(job);
    scheduler.left(job);
    tellQueue();
  }

  private void tellQueue() {
    listener.queue(scheduler.waiting(), scheduler.generating());
  }
}
