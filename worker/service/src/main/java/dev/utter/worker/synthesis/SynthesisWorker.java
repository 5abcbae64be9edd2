package dev.utter.worker.synthesis;

import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.SpeechModel;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.Intake;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.storage.ObjectStore;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The synthesis of one worker: takes requests from the lanes and ends each of them with exactly one
 * outcome. Model, marking, store and decoder stay the caller's to close, after this.
 */
public final class SynthesisWorker implements AutoCloseable {
  private final Pools pools;
  private final EventDeserializer<SynthesisRequested> requests;
  private final EventSerializer serializer;
  private final StartedEvents startedEvents;
  private final Synthesizer synthesizer;
  private final Cancellations cancellations;
  private final Intake intake;

  /**
   * A worker that has not {@linkplain #start() started}.
   *
   * @param model the engine
   * @param marking marks and checks clips
   * @param store where context is and clips go
   * @param decoder of context audio
   * @param registry Confluent's registry properties
   */
  public SynthesisWorker(
      SynthesisSettings settings,
      IntakeSettings intakeSettings,
      SpeechModel model,
      ClipMarking marking,
      ObjectStore store,
      BoundedDecoder decoder,
      Map<String, ?> registry,
      SynthesisListener listener,
      IntakeListener intakeListener,
      Clock clock) {
    requireNonNull(marking, "marking is null");
    int slots = model.slots();
    SynthesisSettings sized = settings.sizedFor(slots);
    CodesCache codes = new CodesCache(sized.codesCacheBytes(), listener);
    pools = new Pools(sized);
    requests = new EventDeserializer<>(SynthesisRequested.class, registry);
    serializer = new EventSerializer(registry);
    startedEvents = new StartedEvents(intakeSettings.kafka(), serializer, settings.worker(), clock);
    Synthesizer.Tools tools =
        new Synthesizer.Tools(
            requests,
            new Planner(settings, model.description()),
            new ClipStore(store),
            new ContextFetcher(
                store, decoder, codes, model.description(), settings.maxContextBytes()),
            new Generation(model, codes, listener, clock),
            job -> mark(job, marking, model, clock),
            new OutcomeEvents(serializer, settings.worker(), clock),
            startedEvents);
    synthesizer =
        new Synthesizer(
            sized,
            slots,
            intakeSettings.attemptLimit(),
            tools,
            pools,
            this::broken,
            listener,
            clock);
    cancellations =
        new Cancellations(
            intakeSettings.kafka(),
            Topics.CANCELLATIONS,
            settings.maxCancellations(),
            settings.cancellationRetention(),
            synthesizer::cancel,
            clock);
    intake = new Intake(intakeSettings.sizedFor(slots), synthesizer, intakeListener, clock);
  }

  private static void mark(Job job, ClipMarking marking, SpeechModel model, Clock clock) {
    RequestState.Marking state = job.state(RequestState.Marking.class);
    MarkedClip clip = marking.mark(state.plan(), state.speech(), model.description());
    job.move(state.store(clip, clock.instant()));
  }

  /** Starts. Work begins once all cancellations of the past have been read. */
  public void start() {
    cancellations.start();
    synthesizer.openWith(cancellations);
    intake.start();
  }

  /** Whether past cancellations are known and the intake turns, so that work can be done. */
  public boolean isReady() {
    return cancellations.caughtUp().isDone() && intake.lastTurn().isAfter(Instant.MIN);
  }

  /** Jobs that are prepared and wait for the engine. */
  public int waiting() {
    return synthesizer.waiting();
  }

  /** When the intake last turned; a long time ago means that it hangs. */
  public Instant lastTurn() {
    return intake.lastTurn();
  }

  /** Completes when the intake has ended, exceptionally if because the worker is broken. */
  public CompletableFuture<Void> terminated() {
    return intake.terminated();
  }

  /** Stops gracefully, within the intake's {@code stopGrace} and a few seconds. */
  @Override
  public void close() {
    intake.close();
    cancellations.close();
    pools.close();
    startedEvents.close();
    requests.close();
    serializer.close();
  }

  private void broken(WorkerBrokenException why) {
    intake.fail(why);
  }
}
