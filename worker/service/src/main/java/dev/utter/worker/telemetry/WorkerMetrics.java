package dev.utter.worker.telemetry;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.worker.admission.AdmissionListener;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.streams.StageActivity;
import dev.utter.worker.synthesis.SynthesisListener;
import dev.utter.worker.verification.VerificationListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The worker's meters, fed by listeners of the stages. All names begin with {@code utter_}, except
 * those of the JVM and of Kafka's own clients.
 *
 * <p>Threading: safe.
 */
public final class WorkerMetrics implements AutoCloseable {
  private static final String LANE = "lane";

  /** Kafka's consumers have each meter of a topic again, under a name without the dots. */
  private static final Set<String> REPEATED =
      Topics.all().stream()
          .map(topic -> topic.replace('.', '_'))
          .collect(Collectors.toUnmodifiableSet());

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final StartingCounters starting = new StartingCounters(registry);
  private final Map<String, AtomicLong> gauges = new ConcurrentHashMap<>();
  private final List<AutoCloseable> binders = new ArrayList<>();
  private final WorkTime work = new WorkTime(System::nanoTime);

  /** The meters of a worker; those of the JVM are there at once. */
  public WorkerMetrics(String worker) {
    registry.config().commonTags("worker", worker);
    registry.config().meterFilter(MeterFilter.deny(WorkerMetrics::isRepeated));
    buildInfo(BuildFacts.load());
    JvmGcMetrics gc = new JvmGcMetrics();
    binders.add(gc);
    for (MeterBinder binder :
        List.of(
            gc,
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics())) {
      binder.bindTo(registry);
    }
  }

  /** Always 1; what it is about is in the tags. */
  private void buildInfo(BuildFacts build) {
    Gauge.builder("utter.build.info", () -> 1)
        .tag("version", build.version())
        .tag("commit", build.commit())
        .tag("java", System.getProperty("java.version"))
        .tag("libtorch", build.libtorch())
        .register(registry);
  }

  /** All meters in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  /** Adds whether the worker is ready. */
  public void watch(Health health) {
    Gauge.builder("utter.worker.ready", health, asked -> asked.isReady() ? 1 : 0)
        .strongReference(true)
        .register(registry);
  }

  /** Adds the client's own meters, consumer lag among them. */
  public void watch(KafkaStreams streams) {
    KafkaStreamsMetrics metrics = new KafkaStreamsMetrics(streams);
    metrics.bindTo(registry);
    synchronized (binders) {
      binders.add(metrics);
    }
  }

  /** Adds how long a stage has been at its record, and since when it finished none. */
  public void watch(String stage, StageActivity activity) {
    Gauge.builder("utter.stage.record.age", activity, at -> seconds(at.longestUnderWay()))
        .baseUnit("seconds")
        .tag("stage", stage)
        .strongReference(true)
        .register(registry);
    Gauge.builder("utter.stage.last.record.age", activity, at -> seconds(at.sinceLastRecord()))
        .baseUnit("seconds")
        .tag("stage", stage)
        .strongReference(true)
        .register(registry);
  }

  /** Adds the engine's statistics. */
  public void watch(SpeechModel model) {
    new EngineMeters(model::statistics).bindTo(registry);
  }

  /** Receives events of admission. */
  public AdmissionListener admission() {
    starting.ofAdmission();
    return new AdmissionListener() {
      @Override
      public void admitted(Priority lane) {
        count("utter.admission.admitted", LANE, lane.name());
      }

      @Override
      public void refused(FailureCode code) {
        count("utter.admission.refused", "code", code.name());
      }

      @Override
      public void repeated() {
        count("utter.admission.repeated");
      }

      @Override
      public void foreign(String topic) {
        count("utter.admission.foreign", "topic", topic);
      }

      @Override
      public void forwarded(String topic) {
        count("utter.admission.forwarded", "topic", topic);
      }

      @Override
      public void deadLetter(String topic) {
        WorkerMetrics.this.deadLetter(topic);
      }
    };
  }

  /** Receives events of verification. */
  public VerificationListener verification() {
    starting.ofVerification();
    return new VerificationListener() {
      @Override
      public void checked(Verdict verdict, float confidence, Duration took) {
        timer("utter.verification.time", "verdict", verdict.name()).record(took);
        count("utter.verifications", "verdict", verdict.name());
        confidence("stored", confidence);
      }

      @Override
      public void deadLetter(String topic) {
        WorkerMetrics.this.deadLetter(topic);
      }
    };
  }

  /** Receives events of synthesis. */
  public SynthesisListener synthesis() {
    starting.ofSynthesis();
    timer("utter.synthesis.first.frame.time");
    timer("utter.synthesis.prefill.time");
    timer("utter.synthesis.frame.time");
    for (String stage : List.of("context", "generation", "watermark", "storage")) {
      timer("utter.synthesis.stage.time", "stage", stage);
    }
    return new SynthesisListener() {
      @Override
      public void queue(int waiting, int generating) {
        gauge("utter.synthesis.waiting").set(waiting);
        gauge("utter.synthesis.generating").set(generating);
        work.making(generating);
      }

      @Override
      public void codes(boolean found) {
        count("utter.synthesis.codes.cache", "result", found ? "hit" : "miss");
      }

      @Override
      public void codesKept(long bytes) {
        gauge("utter.synthesis.codes.cache.bytes").set(bytes);
      }

      @Override
      public void frames(int count, Duration took) {
        timer("utter.synthesis.frame.time").record(took.dividedBy(count));
      }

      @Override
      public void stage(String name, Duration took) {
        timer("utter.synthesis.stage.time", "stage", name).record(took);
      }

      @Override
      public void generated(Speech speech, Duration took) {
        work.made();
        timer("utter.synthesis.stage.time", "stage", "generation").record(took);
        timer("utter.synthesis.first.frame.time").record(speech.timeToFirstFrame());
        timer("utter.synthesis.prefill.time").record(speech.prefillTime());
        counter("utter.synthesis.prompt.positions").increment(speech.promptPositions());
        counter("utter.synthesis.frames").increment(speech.codes().frames());
        counter("utter.synthesis.audio.seconds").increment(seconds(speech.audio().duration()));
        counter("utter.synthesis.generation.seconds").increment(seconds(took));
      }

      @Override
      public void oldest(Duration held) {
        gauge("utter.synthesis.oldest.seconds", "stage", "all").set(held.toSeconds());
      }

      @Override
      public void oldest(String stage, Duration there) {
        gauge("utter.synthesis.oldest.seconds", "stage", stage).set(there.toSeconds());
      }

      @Override
      public void cancellations(int ids, long bytes) {
        gauge("utter.synthesis.cancellations").set(ids);
        gauge("utter.synthesis.cancellations.bytes").set(bytes);
      }

      @Override
      public void cancellationForgotten() {
        count("utter.synthesis.cancellations.forgotten");
      }

      @Override
      public void reused() {
        count("utter.synthesis.reused");
      }

      @Override
      public void retrying(String stage, Duration pause) {
        count("utter.synthesis.retries", "stage", stage);
      }

      @Override
      public void unexpected(Exception why) {
        count("utter.synthesis.unexpected", "error", why.getClass().getSimpleName());
      }
    };
  }

  /**
   * Receives events of the intake.
   *
   * @param nameTaken gets the transactional id when another live worker uses it, too
   */
  public IntakeListener intake(Consumer<String> nameTaken) {
    requireNonNull(nameTaken, "nameTaken is null");
    starting.ofIntake();
    return new IntakeListener() {
      @Override
      public void window(String lane, int held, int capacity) {
        gauge("utter.intake.held", LANE, lane).set(held);
        gauge("utter.intake.window", LANE, lane).set(capacity);
      }

      @Override
      public void lag(String lane, long offsets) {
        gauge("utter.intake.lag", LANE, lane).set(offsets);
      }

      @Override
      public void backlog(String lane, long offsets) {
        AtomicLong backlog = gauge("utter.lane.backlog", LANE, lane);
        backlog.set(offsets);
        backlogSeconds(lane, backlog);
      }

      @Override
      public void unattendedPartitions(String lane, int partitions) {
        gauge("utter.lane.partitions.unattended", LANE, lane).set(partitions);
      }

      @Override
      public void oldestHeld(String lane, Duration age) {
        gauge("utter.intake.oldest.held.seconds", LANE, lane).set(age.toSeconds());
      }

      @Override
      public void refusedPartitions(String lane, int partitions) {
        gauge("utter.intake.partitions.refused", LANE, lane).set(partitions);
      }

      @Override
      public void stalledPartitions(String lane, int partitions) {
        gauge("utter.intake.partitions.stalled", LANE, lane).set(partitions);
      }

      @Override
      public void lost(TopicPartition partition, long offsets) {
        counter("utter.intake.offsets.lost", LANE, partition.topic()).increment(offsets);
      }

      @Override
      public void purgeFailed() {
        count("utter.intake.purges.failed");
      }

      @Override
      public void marked(int records, Duration took) {
        timer("utter.intake.mark.time").record(took);
      }

      @Override
      public void finished(String lane, String kind) {
        count("utter.outcomes", LANE, lane, "kind", kind);
      }

      @Override
      public void deadLetter(String lane) {
        WorkerMetrics.this.deadLetter(lane);
      }

      @Override
      public void transactionCommitted(int outcomes, Duration took) {
        timer("utter.intake.transaction.time").record(took);
      }

      @Override
      public void transactionFailed(Exception why) {
        count("utter.intake.transactions.failed", "error", why.getClass().getSimpleName());
      }

      @Override
      public void dropped(int records) {
        counter("utter.intake.dropped").increment(records);
      }

      @Override
      public void nameTaken(String transactionalId) {
        count("utter.intake.name.taken");
        nameTaken.accept(transactionalId);
      }
    };
  }

  /** Registered again it stays the first one. */
  private void backlogSeconds(String lane, AtomicLong backlog) {
    Gauge.builder("utter.backlog", backlog, requests -> work.secondsFor(requests.get()))
        .baseUnit("seconds")
        .tag(LANE, lane)
        .strongReference(true)
        .register(registry);
  }

  /** Records of these topics may go to the dead letters; none has yet. */
  public void deadLettersOf(List<String> topics) {
    starting.deadLettersOf(topics);
  }

  /** A record of this topic went to the dead letters. */
  public void deadLetter(String topic) {
    count("utter.dead.letters", "topic", topic);
  }

  @Override
  public void close() {
    synchronized (binders) {
      for (AutoCloseable binder : binders) {
        try {
          binder.close();
        } catch (Exception e) {
          throw new IllegalStateException("a meter did not stop", e);
        }
      }
      binders.clear();
    }
    registry.close();
  }

  private static boolean isRepeated(Meter.Id id) {
    String topic = id.getTag("topic");
    return topic != null && REPEATED.contains(topic);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private void confidence(String where, float confidence) {
    DistributionSummary.builder("utter.watermark.confidence")
        .tag("where", where)
        .serviceLevelObjectives(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
        .register(registry)
        .record(confidence);
  }

  private void count(String name, String... tags) {
    counter(name, tags).increment();
  }

  private Counter counter(String name, String... tags) {
    return Counter.builder(name).tags(tags).register(registry);
  }

  private Timer timer(String name, String... tags) {
    return Timer.builder(name).tags(tags).publishPercentileHistogram().register(registry);
  }

  private AtomicLong gauge(String name, String... tags) {
    return gauges.computeIfAbsent(
        name + String.join(",", tags),
        key -> {
          AtomicLong value = new AtomicLong();
          Gauge.builder(name, value, AtomicLong::get)
              .tags(tags)
              .strongReference(true)
              .register(registry);
          return value;
        });
  }
}
