package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.audio.AudioDecoder;
import dev.utter.speech.audio.AudioEncoder;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.worker.LifeCycle.State;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.settings.OutputSettings;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.synthesis.ClipMarking;
import dev.utter.worker.synthesis.SynthesisWorker;
import dev.utter.worker.telemetry.Health;
import dev.utter.worker.telemetry.StoreProbe;
import dev.utter.worker.telemetry.TelemetryServer;
import dev.utter.worker.telemetry.WorkerMetrics;
import dev.utter.worker.threads.NamedThreads;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker with the roles its settings give it.
 *
 * <p>Starts in this order: health and metrics, a check of the topics, the object store, the models,
 * the stages, synthesis. Whatever fails on the way closes what was started before it. Stops in the
 * other direction; health is there to the end.
 *
 * <p>Threading: start and close may come from any thread, once each; the rest from any.
 */
public final class WorkerProcess implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(WorkerProcess.class);
  private static final Duration PROBE_INTERVAL = Duration.ofSeconds(10);

  private final WorkerSettings settings;
  private final Networks networks;
  private final Clock clock = Clock.systemUTC();
  private final LifeCycle lifeCycle = new LifeCycle();
  private final CompletableFuture<WorkerBrokenException> broken = new CompletableFuture<>();
  private final CompletableFuture<Void> startEnded = new CompletableFuture<>();
  private final List<Part> parts = new CopyOnWriteArrayList<>();
  private final Deque<AutoCloseable> resources = new ConcurrentLinkedDeque<>();
  private volatile TelemetryServer telemetry;
  private volatile boolean stopRequested;

  /** A worker that has not started. */
  public WorkerProcess(WorkerSettings settings) {
    this(settings, new PublishedNetworks());
  }

  /**
   * A worker on networks of the caller's making, for measuring everything around them. No setting
   * leads here.
   */
  public WorkerProcess(WorkerSettings settings, Networks networks) {
    this.settings = requireNonNull(settings, "settings is null");
    this.networks = requireNonNull(networks, "networks is null");
  }

  /**
   * Starts. Returns when every part has started; {@link #isReady} tells when all of them work.
   *
   * @throws WorkerBrokenException if something it needs is not there or not as it should be
   * @throws CancellationException if it was closed meanwhile; what had started is closed then
   * @throws IllegalStateException on a second call
   */
  public void start() {
    lifeCycle.move(State.LATENT, State.STARTING);
    try {
      startParts();
      lifeCycle.move(State.STARTING, State.RUNNING);
    } catch (RuntimeException | Error e) {
      closeAll(e);
      lifeCycle.move(State.STARTING, State.STOPPED);
      throw e;
    } finally {
      startEnded.complete(null);
    }
    LOGGER
        .atInfo()
        .addKeyValue("worker", settings.worker().name())
        .addKeyValue("roles", settings.worker().roles())
        .addKeyValue("httpPort", httpPort())
        .log("Worker started");
  }

  /** Completes with the reason if the worker breaks; it should be closed then. */
  public CompletableFuture<WorkerBrokenException> broken() {
    return broken.copy();
  }

  /** Whether every part works. */
  public boolean isReady() {
    return lifeCycle.state() == State.RUNNING
        && !broken.isDone()
        && waiting().values().stream().allMatch(Optional::isEmpty);
  }

  /** Whether it was told to stop. */
  boolean isStopping() {
    return stopRequested;
  }

  /** For each part what it still waits for; empty if it works. */
  public Map<String, Optional<String>> waiting() {
    Map<String, Optional<String>> waiting = new LinkedHashMap<>();
    State state = lifeCycle.state();
    waiting.put(
        "worker", state == State.RUNNING ? Optional.empty() : Optional.of("it is " + state));
    parts.forEach(part -> waiting.put(part.name(), part.waitingFor()));
    return waiting;
  }

  /** The port of health and metrics. */
  public int httpPort() {
    TelemetryServer server = telemetry;
    if (server == null) {
      throw new IllegalStateException("the worker has not started");
    }
    return server.port();
  }

  /**
   * Stops: takes nothing more, finishes or hands over what it has, within the configured time. A
   * worker that is starting goes no further than the part it is at. A second call does nothing.
   */
  @Override
  public void close() {
    if (lifeCycle.tryMove(State.LATENT, State.STOPPED)) {
      return;
    }
    stopRequested = true;
    if (!startHasEnded() || !lifeCycle.tryMove(State.RUNNING, State.DRAINING)) {
      return;
    }
    LOGGER.atInfo().addKeyValue("worker", settings.worker().name()).log("Worker stops");
    IllegalStateException failure = new IllegalStateException("the worker did not stop cleanly");
    closeAll(failure);
    lifeCycle.move(State.DRAINING, State.STOPPED);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
    LOGGER.atInfo().addKeyValue("worker", settings.worker().name()).log("Worker stopped");
  }

  private boolean startHasEnded() {
    try {
      startEnded.get(settings.worker().stopTimeout().toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      LOGGER
          .atWarn()
          .log("Worker told to stop is still starting, and is left to end with the process");
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void requireWanted() {
    if (stopRequested) {
      throw new CancellationException("the worker was told to stop while it started");
    }
  }

  private void startParts() {
    WorkerMetrics metrics = keep(new WorkerMetrics(settings.worker().name()));
    telemetry =
        keep(
            TelemetryServer.start(
                settings.http().address(), settings.http().port(), health(), metrics::scrape));
    int deadLetterBytes = WorkerTopics.check(settings);
    StageFactory stages =
        new StageFactory(settings, deadLetterBytes, metrics, clock, this::breakDown);
    AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);
    boolean verifies = settings.worker().has(Role.VERIFICATION);
    boolean synthesizes = settings.worker().has(Role.SYNTHESIS);
    Optional<ObjectStore> store =
        verifies || synthesizes ? Optional.of(openStore()) : Optional.empty();
    Optional<SynthesisPart> synthesis =
        synthesizes
            ? Optional.of(synthesis(store.orElseThrow(), decoder, metrics))
            : Optional.empty();
    if (settings.worker().has(Role.STATUS)) {
      run(stages.status());
    }
    if (verifies) {
      // Networks of its own: the check must not share what the marking might have spoilt.
      run(stages.verification(store.orElseThrow(), decoder, keep(networks.watermark(settings))));
    }
    if (settings.worker().has(Role.ADMISSION)) {
      run(stages.admission());
    }
    synthesis.ifPresent(SynthesisPart::start);
  }

  private SynthesisPart synthesis(ObjectStore store, AudioDecoder decoder, WorkerMetrics metrics) {
    SpeechModel model = keep(networks.speech(settings));
    metrics.watch(model);
    ClipMarking marking =
        new ClipMarking(
            keep(networks.watermark(settings)),
            settings.watermark().orElseThrow().key(),
            new AudioEncoder(AudioLimits.DEFAULT),
            decoder);
    SynthesisWorker worker =
        new SynthesisWorker(
            settings.synthesis().orElseThrow(),
            settings.intake(),
            model,
            marking,
            store,
            decoder,
            settings.registry().client(),
            metrics.synthesis(),
            metrics.intake(),
            clock);
    SynthesisPart part = new SynthesisPart(worker, clock, this::breakDown);
    parts.add(part);
    return part;
  }

  private ObjectStore openStore() {
    ObjectStore store = keep(ObjectStore.of(settings.storage().orElseThrow()));
    String bucket = settings.output().map(OutputSettings::bucket).orElseThrow();
    store.requireBucket(bucket);
    run(new StorePart(new StoreProbe(() -> store.requireBucket(bucket), PROBE_INTERVAL)));
    return store;
  }

  private <T extends AutoCloseable> T keep(T resource) {
    resources.push(resource);
    requireWanted();
    return resource;
  }

  private void run(Part part) {
    requireWanted();
    parts.add(part);
    part.start();
  }

  private void breakDown(WorkerBrokenException why) {
    if (broken.complete(why)) {
      LOGGER
          .atError()
          .addKeyValue("worker", settings.worker().name())
          .setCause(why)
          .log("Worker is broken");
    }
  }

  private Health health() {
    return new Health() {
      @Override
      public Optional<String> broken() {
        return Optional.ofNullable(broken.getNow(null))
            .map(Throwable::getMessage)
            .or(() -> parts.stream().flatMap(part -> part.hung().stream()).findFirst());
      }

      @Override
      public Map<String, Optional<String>> parts() {
        return waiting();
      }
    };
  }

  /** The parts beside each other, for each may take its time; then what they stood on. */
  private void closeAll(Throwable failure) {
    List<CompletableFuture<Void>> closings = new ArrayList<>();
    NamedThreads threads = NamedThreads.of("utter-close");
    ExecutorService closers = Executors.newCachedThreadPool(threads);
    for (Part part : parts) {
      closings.add(CompletableFuture.runAsync(part::close, closers));
    }
    closers.shutdown();
    for (CompletableFuture<Void> closing : closings) {
      try {
        closing.join();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
    threads.join(settings.worker().stopTimeout());
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }
}
