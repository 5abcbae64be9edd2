package dev.utter.worker.synthesis;

import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.loop.Intake;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.skip.Skips;
import dev.utter.worker.storage.ClipProof;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.synthesis.cancellation.Cancellations;
import dev.utter.worker.synthesis.clip.ClipMarking;
import dev.utter.worker.synthesis.clip.ClipStore;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextFetcher;
import dev.utter.worker.synthesis.event.OutcomeEvents;
import dev.utter.worker.synthesis.event.StartedEvents;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.synthesis.request.Planner;
import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceSpan;
import dev.utter.worker.trace.Tracing;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The synthesis of one worker: takes requests from the lanes and ends each of them with exactly one
 * outcome. The caller closes model, marking, store and decoder, after this.
 */
public final class SynthesisWorker implements AutoCloseable {
  private static final Duration SWEEP = Duration.ofMillis(250);

  /** How long a stop waits for threads whose work is over. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration LONGEST_STOP = Duration.ofHours(1);

  private final Pools pools;
  private final EventDeserializer<SynthesisRequested> requests;
  private final EventSerializer serializer;
  private final StartedEvents startedEvents;
  private final StepHealth health;
  private final Duration hungAfter;
  private final EngineWatch engine;
  private final Synthesizer synthesizer;
  private final Cancellations cancellations;
  private final Intake intake;
  private volatile boolean nativeWorkEnded;

  /**
   * A worker that has not {@linkplain #start() started}.
   *
   * @param model the engine
   * @param marking marks and checks clips
   * @param store where context is and clips go
   * @param proof by which stored clips are recognised
   * @param decoder of context audio
   * @param registry Confluent's registry properties
   */
  public SynthesisWorker(
      SynthesisSettings settings,
      IntakeSettings intakeSettings,
      SpeechModel model,
      ClipMarking marking,
      ObjectStore store,
      ClipProof proof,
      BoundedDecoder decoder,
      Map<String, ?> registry,
      SynthesisListener listener,
      IntakeListener intakeListener,
      CloudEvents cloudEvents,
      Tracing tracing,
      Clock clock) {
    this(
        settings,
        intakeSettings,
        model,
        marking,
        store,
        proof,
        decoder::decode,
        registry,
        listener,
        intakeListener,
        cloudEvents,
        tracing,
        clock,
        System::nanoTime);
  }

  /** A worker with any decoder, and a ticker in nanoseconds by which it counts as hung. */
  SynthesisWorker(
      SynthesisSettings settings,
      IntakeSettings intakeSettings,
      SpeechModel model,
      ClipMarking marking,
      ObjectStore store,
      ClipProof proof,
      BiFunction<byte[], DecodeOptions, Recording> decoder,
      Map<String, ?> registry,
      SynthesisListener listener,
      IntakeListener intakeListener,
      CloudEvents cloudEvents,
      Tracing tracing,
      Clock clock,
      LongSupplier nanos) {
    requireNonNull(marking, "marking is null");
    int slots = model.slots();
    SynthesisSizes sizes = settings.sizes(slots);
    CodesCache codes = new CodesCache(settings.codesCacheBytes(), listener);
    pools = new Pools(settings, sizes);
    requests = new EventDeserializer<>(SynthesisRequested.class, registry);
    serializer = new EventSerializer(registry);
    startedEvents = new StartedEvents(intakeSettings.kafka(), serializer, settings.worker(), clock);
    JobTools tools =
        new JobTools(
            requests,
            new Planner(new AccessRules(settings.access()), model.description()),
            new ClipStore(store, proof),
            new ContextFetcher(
                store,
                decoder,
                codes,
                model.description(),
                new ContextFetcher.Limits(
                    settings.maxContextBytes(), settings.maxRequestContextBytes())),
            new Generation(model, codes, listener, clock),
            new JobMarking(marking, model.description(), clock),
            new OutcomeEvents(serializer, cloudEvents, settings.worker(), clock),
            startedEvents,
            delivery -> span(tracing, intakeSettings.groupId(), delivery.record()));
    health = new StepHealth(() -> answers(store), settings.retries().longest(), clock, nanos);
    hungAfter = settings.hungAfter();
    engine = new EngineWatch(model::statistics, hungAfter, nanos);
    synthesizer =
        new Synthesizer(
            settings,
            sizes,
            slots,
            intakeSettings.attemptLimit(),
            tools,
            pools,
            health,
            this::broken,
            listener,
            clock);
    cancellations =
        new Cancellations(
            intakeSettings.kafka(),
            Topics.CANCELLATIONS,
            new PublisherKey(settings.publisherHeader()),
            settings.cancellations(),
            synthesizer::cancel,
            this::broken,
            listener,
            clock);
    intake = new Intake(intakeSettings, slots, synthesizer, intakeListener);
  }

  /** The records to skip; to be set before the start. */
  public void honour(Skips skips) {
    synthesizer.honour(skips);
  }

  private static TraceSpan span(
      Tracing tracing, String group, ConsumerRecord<byte[], byte[]> record) {
    return tracing.process(
        new RecordOrigin(
            record.topic(),
            record.partition(),
            record.offset(),
            group,
            RecordOrigin.requestId(record.key())),
        record.headers());
  }

  /** Starts. Work begins once all cancellations of the past have been read. */
  public void start() {
    cancellations.start();
    synthesizer.openWith(cancellations);
    pools.every(SWEEP, this::sweep);
    intake.start();
  }

  /** Whether past cancellations are known and the intake's loop runs, so that work can be done. */
  public boolean isReady() {
    return cancellations.caughtUp().isDone() && intake.sinceLastIteration().isPresent();
  }

  /** Jobs that are prepared and wait for the engine. */
  int waiting() {
    return synthesizer.waiting();
  }

  /** Time since the last iteration of the intake's loop; empty before the first. */
  public Optional<Duration> sinceLastIteration() {
    return intake.sinceLastIteration();
  }

  /** Completes when the intake has ended; exceptionally if the worker is broken. */
  public CompletableFuture<Void> terminated() {
    return intake.terminated();
  }

  /** What keeps it from working, or from serving requests; empty if nothing does. */
  public Optional<String> waitingFor() {
    return intake.waitingFor().or(cancellations::waitingFor).or(health::trouble);
  }

  /** What is stuck and needs a restart of the process; empty if nothing is. */
  public Optional<String> hung() {
    return engine.hung().or(() -> health.hung(hungAfter));
  }

  /**
   * Takes no more requests, finishes those on which work has begun however long it takes, and hands
   * over the rest. Returns when that is done; a {@link #close} meanwhile gives it less time. Model
   * and threads stay until the close.
   */
  public void drain() {
    intake.drain();
  }

  /** Requests that a drain or a stop still waits for. */
  public int unfinished() {
    return intake.unfinished();
  }

  /**
   * Stops gracefully: finishes what it can within the intake's {@code stopGrace}, hands over the
   * rest, and takes a few seconds more for threads to end. Threads in native code may be left
   * running, see {@link #nativeWorkEnded}.
   */
  @Override
  public void close() {
    close(LONGEST_STOP);
  }

  /**
   * As {@link #close()}, with less for running work where the limit is short. The hand-over depends
   * on the brokers and may take longer.
   *
   * @param limit how long the stop should take
   */
  public void close(Duration limit) {
    Duration half = limit.dividedBy(2);
    Duration threads = PATIENCE.compareTo(half) < 0 ? PATIENCE : half;
    cancellations.stop();
    intake.close(limit.minus(threads));
    nativeWorkEnded = pools.close(threads);
    cancellations.close();
    startedEvents.close();
    requests.close();
    serializer.close();
  }

  /**
   * Whether after a {@link #close} no thread uses the model or the marking any more. While one
   * does, they must not be closed, because that would crash the process. Leaving them open until
   * the process ends is safe.
   */
  public boolean nativeWorkEnded() {
    return nativeWorkEnded;
  }

  private void sweep() {
    try {
      engine.look();
      synthesizer.sweep();
    } catch (RuntimeException | Error e) {
      broken(new WorkerBrokenException("the sweep over all jobs ended in " + e, e));
    }
  }

  private static boolean answers(ObjectStore store) {
    try {
      store.check();
      return true;
    } catch (RetryLaterException e) {
      return false;
    }
  }

  private void broken(WorkerBrokenException why) {
    intake.fail(why);
  }
}
