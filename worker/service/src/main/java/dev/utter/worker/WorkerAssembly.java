package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.network.Networks;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.signing.ClipSigner;
import dev.utter.worker.skip.SkippingStage;
import dev.utter.worker.start.StartChecks;
import dev.utter.worker.start.StateFolder;
import dev.utter.worker.start.StateLibrary;
import dev.utter.worker.storage.OutputSettings;
import dev.utter.worker.synthesis.SynthesisWorker;
import dev.utter.worker.synthesis.clip.ClipMarking;
import dev.utter.worker.telemetry.Drain;
import dev.utter.worker.telemetry.Health;
import dev.utter.worker.telemetry.Probe;
import dev.utter.worker.telemetry.TelemetryServer;
import dev.utter.worker.telemetry.log.LogLevelFile;
import dev.utter.worker.telemetry.metrics.WorkerMetrics;
import dev.utter.worker.trace.Tracing;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assembles a worker from its settings. {@link #start} documents the order.
 *
 * <p>Threading: start and close from one thread at a time; the rest from any.
 */
final class WorkerAssembly {
  private static final Logger LOGGER = LoggerFactory.getLogger(WorkerAssembly.class);
  private static final Duration PROBE_INTERVAL = Duration.ofSeconds(5);

  /**
   * Longer than for other probes, since every schema is looked up; short enough that readiness
   * follows within 30 s.
   */
  private static final Duration SCHEMA_INTERVAL = Duration.ofSeconds(15);

  private static final Duration CHECK_PAUSE = Duration.ofSeconds(2);

  /** A thread for each part, since a drain blocks for as long as its work takes. */
  private static final Executor DRAINERS =
      drain -> {
        Thread thread = new Thread(drain, "utter-drain");
        thread.setDaemon(true);
        thread.start();
      };

  /** Time of a stop that is reserved for what the parts depend on. */
  private static final Duration RESERVE = Duration.ofSeconds(2);

  private final WorkerSettings settings;
  private final Networks networks;
  private final Clock clock;
  private final Consumer<WorkerBrokenException> broken;
  private final StartChecks checks = new StartChecks(CHECK_PAUSE);
  private final List<Part> parts = new CopyOnWriteArrayList<>();
  private final Deque<AutoCloseable> resources = new ConcurrentLinkedDeque<>();
  private final Deque<AutoCloseable> nativeNetworks = new ConcurrentLinkedDeque<>();
  private final Set<Part> draining = ConcurrentHashMap.newKeySet();
  private volatile @Nullable TelemetryServer telemetry;
  private volatile boolean stopRequested;

  /**
   * Nothing is started yet.
   *
   * @param broken called when a part cannot go on
   */
  WorkerAssembly(
      WorkerSettings settings,
      Networks networks,
      Clock clock,
      Consumer<WorkerBrokenException> broken) {
    this.settings = requireNonNull(settings, "settings is null");
    this.networks = requireNonNull(networks, "networks is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.broken = requireNonNull(broken, "broken is null");
  }

  /**
   * Starts everything, in this order: levels of the log; traces; health and metrics; removal of
   * files that killed processes left; the checks, which wait for what is unavailable; probes of the
   * services that the worker depends on; the model; the check of memory against its limit; stages;
   * synthesis. The checks, in order:
   *
   * <table>
   * <caption>What each check finds, and what the worker does then</caption>
   * <tr><th>check</th><th>waits, not ready</th><th>ends the start</th></tr>
   * <tr><td>name</td><td>another live process of this host has the name; the state folder cannot be
   *     written</td><td></td></tr>
   * <tr><td>kafka</td><td>no broker answers; a topic is missing or has wrong settings</td>
   *     <td>numbers of partitions do not fit each other or the state; access is refused</td></tr>
   * <tr><td>skips</td><td>operators' orders to skip records are not read yet</td><td></td></tr>
   * <tr><td>registry</td><td>it does not answer, refuses access, or does not accept a schema</td>
   *     <td></td></tr>
   * <tr><td>storage</td><td>it does not answer, refuses access, has no such bucket, or does
   *     not support conditional puts</td><td></td></tr>
   * <tr><td>decoder</td><td>the program cannot be unpacked or run</td><td></td></tr>
   * </table>
   *
   * @throws WorkerBrokenException if there is a fault that waiting cannot cure
   * @throws CancellationException if {@link #requestStop} was called meanwhile
   */
  void start(Health health, Drain drain) {
    settings.log().levelFile().ifPresent(file -> keep(LogLevelFile.watch(file)));
    Tracing tracing = keep(WorkerTracing.start(settings.tracing(), settings.worker().name()));
    WorkerMetrics metrics = keep(new WorkerMetrics(settings.worker().name(), tracing));
    metrics.watch(health);
    metrics.watch(drain);
    telemetry =
        keep(
            TelemetryServer.start(
                settings.http().address(), settings.http().port(), health, metrics::scrape, drain));

    warn();
    Dependencies dependencies = dependencies();
    checks.run();

    run(probe("kafka", dependencies.kafka(), PROBE_INTERVAL));
    run(probe("registry", dependencies::requireSchemas, SCHEMA_INTERVAL));
    dependencies.store().ifPresent(store -> run(probe("storage", store::check, PROBE_INTERVAL)));

    Optional<SynthesisPart> synthesis =
        synthesizes() ? Optional.of(synthesis(dependencies, metrics, tracing)) : Optional.empty();
    if (!synthesizes()) {
      requireMemory();
    }
    StateLibrary.load(stateFolder());
    StageFactory stages =
        new StageFactory(
            settings, dependencies.topics(), metrics, tracing, clock, broken, dependencies.skips());
    if (settings.worker().has(Role.STATUS)) {
      run(stages.status());
    }
    if (verifies()) {
      // Separate networks: the check must not share state that the marking may have corrupted.
      run(
          stages.verification(
              dependencies.store().orElseThrow(), dependencies.bounded(), watermark()));
    }
    if (settings.worker().has(Role.ADMISSION)) {
      run(stages.admission());
    }
    synthesis.ifPresent(SynthesisPart::start);
  }

  /**
   * One attempt of each check of {@link #start}, then of the loading of the networks that this
   * worker needs, in order. They start no part.
   */
  Map<String, Runnable> attempts() {
    dependencies();
    Map<String, Runnable> attempts = checks.attempts();
    if (synthesizes()) {
      attempts.put("model", this::speechModel);
      attempts.put("signing", this::signer);
    } else {
      attempts.put("memory", this::requireMemory);
    }
    if (synthesizes() || verifies()) {
      attempts.put("watermark", this::watermark);
    }
    return attempts;
  }

  /** Opens what the checks need, and adds the checks. */
  private Dependencies dependencies() {
    Dependencies dependencies =
        Dependencies.open(settings, stateFolder(), verifies() || synthesizes(), this::keep);
    dependencies.addTo(checks);
    return dependencies;
  }

  private boolean verifies() {
    return settings.worker().has(Role.VERIFICATION);
  }

  private boolean synthesizes() {
    return settings.worker().has(Role.SYNTHESIS);
  }

  /** For a worker without a model; with one, memory is checked when the model is loaded. */
  private void requireMemory() {
    WorkerMemory.all(settings, 0, 0).check(TorchEngine.hostMemoryLimit());
  }

  /** Makes {@link #start} end soon: at once during a check, otherwise after its current step. */
  void requestStop() {
    stopRequested = true;
    checks.stop();
  }

  boolean isStopping() {
    return stopRequested;
  }

  /** The port of health and metrics; empty before they are served. */
  Optional<Integer> httpPort() {
    return Optional.ofNullable(telemetry).map(TelemetryServer::port);
  }

  /** For each check and part what it still waits for; empty if it works. */
  Map<String, Optional<String>> waiting() {
    Map<String, Optional<String>> waiting = new LinkedHashMap<>();
    checks.waiting().forEach((name, why) -> why.ifPresent(text -> waiting.put(name, why)));
    parts.forEach(part -> waiting.put(part.name(), part.waitingFor()));
    return waiting;
  }

  /** Why one of the parts is stuck, see {@link Part#hung}; empty if none is. */
  Optional<String> hung() {
    return parts.stream().flatMap(part -> part.hung().stream()).findFirst();
  }

  /**
   * Drains all parts at the same time, however long it takes; a {@link #close} meanwhile ends it.
   * Health is served further.
   *
   * @throws RuntimeException the failure of a part; the others are drained
   */
  void drain() {
    CompletableFuture<?>[] drains =
        parts.stream()
            .map(
                part -> {
                  draining.add(part);
                  return CompletableFuture.runAsync(part::drain, DRAINERS)
                      .thenRun(() -> draining.remove(part));
                })
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(drains).join();
  }

  /** Requests that a drain still waits for. */
  int unfinished() {
    return parts.stream().mapToInt(Part::unfinished).sum();
  }

  /** Names of the parts that a drain still waits for. */
  List<String> draining() {
    return draining.stream().map(Part::name).sorted().toList();
  }

  /**
   * Closes the parts, then what they depend on; health is served until the end. If a part did not
   * stop, the networks stay open: their native memory must not be freed while a thread computes
   * with it.
   *
   * @param limit how long all of it may take
   * @param failure receives what goes wrong as suppressed exceptions
   */
  void close(Duration limit, Throwable failure) {
    Duration half = limit.dividedBy(2);
    Duration reserve = RESERVE.compareTo(half) < 0 ? RESERVE : half;
    boolean ended = Stopping.close(parts, limit.minus(reserve), failure);
    if (ended) {
      Stopping.closeAll(nativeNetworks, failure);
    } else if (!nativeNetworks.isEmpty()) {
      LOGGER.atWarn().log("Networks are left to end with the process, since a part still runs");
    }
    Stopping.closeAll(resources, failure);
  }

  private void warn() {
    StateFolder.whyTemporary(settings.kafka().stateFolder())
        .ifPresent(
            why ->
                LOGGER
                    .atWarn()
                    .addKeyValue("folder", settings.kafka().stateFolder())
                    .addKeyValue("reason", why)
                    .log("State folder is temporary; set kafka.stateFolder to a persistent one"));
    if (settings.worker().name().startsWith("localhost")) {
      LOGGER
          .atWarn()
          .addKeyValue("worker", settings.worker().name())
          .log("Worker name is not unique; set worker.name to a unique one");
    }
  }

  private Path stateFolder() {
    return settings.kafka().stateFolder().resolve(settings.worker().name());
  }

  /** Loads the model, and checks memory against its limit. */
  private SpeechModel speechModel() {
    TorchEngine.reserveHostMemory(WorkerMemory.besideEngine(settings).totalBytes());
    SpeechModel model = networks.speech(settings);
    nativeNetworks.push(model);
    requireWanted();
    WorkerMemory.all(
            settings, networks.weightBytes(settings), model.statistics().memory().budgetBytes())
        .check(TorchEngine.hostMemoryLimit());
    return model;
  }

  private SynthesisPart synthesis(
      Dependencies dependencies, WorkerMetrics metrics, Tracing tracing) {
    NameWatch name = new NameWatch(settings.worker().name(), clock);
    run(name);
    SpeechModel model = speechModel();
    metrics.watch(model);
    ClipMarking marking =
        new ClipMarking(
            watermark(),
            settings.watermark().orElseThrow().keys().marking(),
            new AudioEncoder(AudioLimits.DEFAULT),
            dependencies.decoder(),
            signer());
    SynthesisWorker worker =
        new SynthesisWorker(
            settings.synthesis().orElseThrow(),
            settings.intake(),
            model,
            marking,
            dependencies.store().orElseThrow(),
            settings.output().flatMap(OutputSettings::clipProof).orElseThrow(),
            dependencies.bounded(),
            settings.registry().client(),
            metrics.synthesis(),
            metrics.intake(name::taken),
            new CloudEvents(settings.cloudEvents()),
            tracing,
            clock);
    worker.honour(dependencies.skips().of(SkippingStage.SYNTHESIS));
    SynthesisPart part = new SynthesisPart(worker, broken);
    parts.add(part);
    return part;
  }

  private Optional<ClipSigner> signer() {
    Optional<Path> file = settings.signing().privateKeyFile();
    if (file.isEmpty()) {
      LOGGER.atWarn().log("Clips are not signed; set signing.privateKeyFile to sign them");
    }
    return file.map(key -> new ClipSigner(key, clock));
  }

  private AudioWatermark watermark() {
    AudioWatermark watermark = networks.watermark(settings);
    nativeNetworks.push(watermark);
    requireWanted();
    return watermark;
  }

  private Part probe(String name, Runnable attempt, Duration interval) {
    return new ProbePart(name, new Probe(attempt, interval, clock));
  }

  private <T extends AutoCloseable> T keep(T resource) {
    resources.push(resource);
    requireWanted();
    return resource;
  }

  private void run(Part part) {
    parts.add(part);
    requireWanted();
    part.start();
  }

  private void requireWanted() {
    if (stopRequested) {
      throw new CancellationException("the worker was stopped during its start");
    }
  }
}
