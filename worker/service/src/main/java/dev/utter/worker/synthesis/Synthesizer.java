package dev.utter.worker.synthesis;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.skip.Skips;
import dev.utter.worker.synthesis.cancellation.Cancellations;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobRegistry;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.RequestState.FetchingContext;
import dev.utter.worker.synthesis.job.RequestState.Publishing;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.synthesis.schedule.PrefetchGate;
import dev.utter.worker.synthesis.schedule.Scheduler;
import dev.utter.worker.trace.LogContext;
import dev.utter.worker.trace.TraceSpan;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs from the intake, runs them through the {@linkplain JobSteps steps}, and ends those
 * that are not wanted any more. As many jobs as the engine has slots are generated at the same
 * time; marking and storing of some clips run beside the generation of others.
 *
 * <p>A start marker covers everything that may crash the process, so that a record that does so is
 * counted. Checks and the look-up in the store come before any marker. Context audio is hostile
 * input that is decoded ahead of the engine: a job gets a marker for it, which is taken back when
 * the audio has been decoded, so that a job which only waits for the engine carries none. Both are
 * part of commits that the intake makes anyway, one in each iteration of its loop. A job that was
 * in progress when a worker died, in either kind of work, is a suspect: the {@link Scheduler} runs
 * it alone, its context included, under one marker. So a crash costs an attempt only for jobs that
 * were in progress together with the faulty one the first time.
 */
final class Synthesizer implements DeliveryHandler {
  private static final Logger LOGGER = LoggerFactory.getLogger(Synthesizer.class);

  private final JobRegistry jobs = new JobRegistry();
  private final Scheduler scheduler;
  private final PrefetchGate prefetch;
  private final JobSteps steps;
  private final Function<Delivery, TraceSpan> spans;
  private final SynthesisListener listener;
  private final Clock clock;
  private volatile Skips skips = Skips.NONE;

  /**
   * A synthesizer that does not begin yet.
   *
   * @param slots jobs the engine generates at a time
   */
  Synthesizer(
      SynthesisSettings settings,
      SynthesisSizes sizes,
      int slots,
      int attemptLimit,
      JobTools tools,
      Pools pools,
      StepHealth health,
      Consumer<WorkerBrokenException> broken,
      SynthesisListener listener,
      Clock clock) {
    this.spans = tools.spans();
    this.listener = listener;
    this.clock = clock;
    this.scheduler =
        new Scheduler(
            new Scheduler.Places(slots, sizes.maxFinishing(), settings.contextThreads()),
            settings.shares(),
            settings.suspects(),
            health::isOutage,
            Synthesizer::start,
            clock);
    this.prefetch = new PrefetchGate(sizes.prefetch(), scheduler::awaitContext);
    this.steps =
        new JobSteps(
            tools,
            jobs,
            pools,
            scheduler,
            prefetch,
            new FailurePolicy(attemptLimit),
            settings.retries(),
            health,
            broken,
            listener,
            clock);
  }

  private static void start(List<Job> jobs) {
    Delivery.startAll(jobs.stream().map(Job::delivery).toList());
  }

  /** Begins work once past cancellations are known. */
  void openWith(Cancellations known) {
    steps.observe(known);
    known.caughtUp().thenRun(scheduler::open);
  }

  /** The records to skip; to be set before the first job is taken. */
  void honour(Skips known) {
    skips = known;
  }

  @Override
  public void taken(Delivery delivery) {
    // If the log was cut and is read again, the result of the first delivery is unknown.
    jobs.othersOf(delivery).forEach(this::dropped);
    Job job = jobs.add(delivery, clock.instant(), spans.apply(delivery));
    skipIfOrdered(job);
    steps.begin(job);
  }

  private void skipIfOrdered(Job job) {
    ConsumerRecord<byte[], byte[]> record = job.delivery().record();
    if (job.skipped().isEmpty()) {
      skips
          .note(
              new RecordPosition(record.topic(), record.partition(), record.offset()),
              record.key(),
              record.value())
          .ifPresent(job::skip);
    }
  }

  @Override
  public void started(Delivery delivery) {
    jobs.find(delivery)
        .ifPresent(
            job -> {
              scheduler.begun(job);
              if (job.state() instanceof FetchingContext) {
                steps.contextStarted(job);
              } else {
                steps.engineStarted(job);
              }
            });
  }

  @Override
  public void committed(Delivery delivery) {
    jobs.remove(delivery)
        .ifPresent(
            job -> {
              jobs.finish(job);
              forget(job);
              report(job);
            });
  }

  @Override
  public void dropped(Delivery delivery) {
    jobs.remove(delivery)
        .ifPresent(
            job -> {
              job.drop();
              job.trace().dropped();
              forget(job);
            });
  }

  private static void report(Job job) {
    if (!(job.state() instanceof Publishing publishing)) {
      return;
    }
    Outcome outcome = publishing.outcome();
    int starts = job.delivery().starts();
    LogContext.run(
        job.requestId(),
        job.trace().whole(),
        () ->
            LOGGER
                .atInfo()
                .addKeyValue("outcome", outcome.kind())
                .addKeyValue("lane", job.delivery().lane())
                .addKeyValue("attempt", starts)
                .log("Request finished"));
    job.trace().finished(outcome, starts);
  }

  int waiting() {
    return scheduler.waiting();
  }

  /** A publisher does not want a request any more; nothing happens if it is another's. */
  void cancel(String requestId, String publisher) {
    jobs.find(requestId)
        .filter(job -> job.publisher().equals(publisher))
        .ifPresent(
            job -> {
              job.cancel();
              endIfWaiting(job);
            });
  }

  /** Ends a job on which nothing works at the moment, if it waits for anything but its outcome. */
  private void endIfWaiting(Job job) {
    // A further record of an id has no outcome of its own; one that is not decoded has no id yet.
    boolean further = job.request().isPresent() && !jobs.isFirstOfItsId(job);
    if (job.stay().step() == JobStep.PUBLICATION || further) {
      return;
    }
    if (scheduler.withdraw(job) || prefetch.withdraw(job) || steps.withdraw(job)) {
      steps.end(job);
    }
  }

  /**
   * Must be called several times a second: ends jobs that are not wanted any more, and begins those
   * that may begin.
   */
  void sweep() {
    Instant now = clock.instant();
    jobs.all().forEach(this::skipIfOrdered);
    jobs.all().filter(job -> !job.wanted(now)).forEach(this::endIfWaiting);
    scheduler.tick();
    steps.reportQueue();
    listener.oldest(jobs.oldest(now));
    for (JobStep step : JobStep.values()) {
      listener.oldest(step.label(), jobs.oldest(step, now));
    }
  }

  private void forget(Job job) {
    steps.withdraw(job);
    jobs.release(job);
    prefetch.leave(job);
    scheduler.left(job);
    steps.reportQueue();
  }
}
