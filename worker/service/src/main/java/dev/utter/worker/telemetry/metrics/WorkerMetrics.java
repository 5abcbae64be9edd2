package dev.utter.worker.telemetry.metrics;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.speech.SpeechModel;
import dev.utter.worker.admission.AdmissionListener;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.streams.StageActivity;
import dev.utter.worker.synthesis.SynthesisListener;
import dev.utter.worker.telemetry.Drain;
import dev.utter.worker.telemetry.Health;
import dev.utter.worker.telemetry.MetricsFormat;
import dev.utter.worker.trace.Tracing;
import dev.utter.worker.verification.VerificationListener;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
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
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The worker's meters, fed by listeners of the stages. All names begin with {@code utter_}, except
 * those of the JVM and of Kafka's own clients.
 *
 * <p>Threading: safe.
 */
public final class WorkerMetrics implements AutoCloseable {
  private static final String LANE = "lane";

  /** Tag of Kafka Streams with a number that is drawn at random where there is no state. */
  private static final String RANDOM = "process.id";

  /** Kafka's consumers have each meter of a topic again, under a name without the dots. */
  private static final Set<String> REPEATED =
      Topics.all().stream()
          .map(topic -> topic.replace('.', '_'))
          .collect(Collectors.toUnmodifiableSet());

  private final PrometheusMeterRegistry registry;
  private final StartingCounters starting;
  private final Meters meters;
  private final List<AutoCloseable> binders = new ArrayList<>();
  private final WorkTime work = new WorkTime(System::nanoTime);

  /** The meters of a worker without traces. */
  public WorkerMetrics(String worker) {
    this(worker, Tracing.OFF);
  }

  /**
   * The meters of a worker; those of the JVM are there at once.
   *
   * @param tracing where timers get the exemplars from
   */
  public WorkerMetrics(String worker, Tracing tracing) {
    registry =
        tracing == Tracing.OFF
            ? new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)
            : new PrometheusMeterRegistry(
                PrometheusConfig.DEFAULT,
                new PrometheusRegistry(),
                Clock.SYSTEM,
                new CurrentSpan(tracing));
    starting = new StartingCounters(registry);
    meters = new Meters(registry);
    registry.config().commonTags("worker", worker);
    registry.config().meterFilter(MeterFilter.deny(WorkerMetrics::isRepeated));
    registry.config().meterFilter(MeterFilter.ignoreTags(RANDOM));
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

  /** All meters. */
  public String scrape(MetricsFormat format) {
    return registry.scrape(format.mediaType());
  }

  /** Adds whether the worker is ready. */
  public void watch(Health health) {
    Gauge.builder("utter.worker.ready", health, asked -> asked.isReady() ? 1 : 0)
        .strongReference(true)
        .register(registry);
  }

  /** Adds whether the worker was drained by an operator, or is being drained. */
  public void watch(Drain drain) {
    Gauge.builder("utter.worker.draining", drain, WorkerMetrics::draining)
        .strongReference(true)
        .register(registry);
  }

  private static double draining(Drain drain) {
    return switch (drain.progress().phase()) {
      case DRAINING, DRAINED -> 1;
      case UNAVAILABLE, WORKING -> 0;
    };
  }

  /** Adds the client's own meters, consumer lag among them. */
  public void watch(KafkaStreams streams) {
    KafkaStreamsMetrics metrics = new KafkaStreamsMetrics(streams);
    metrics.bindTo(registry);
    synchronized (binders) {
      binders.add(metrics);
    }
  }

  /**
   * Adds how long a stage has made no progress with its record, since when it finished none, and
   * how far it is behind.
   */
  public void watch(String stage, StageActivity activity) {
    Gauge.builder("utter.stage.record.age", activity, at -> Meters.seconds(at.longestStandstill()))
        .baseUnit("seconds")
        .tag("stage", stage)
        .strongReference(true)
        .register(registry);
    Gauge.builder(
            "utter.stage.last.record.age", activity, at -> Meters.seconds(at.sinceLastRecord()))
        .baseUnit("seconds")
        .tag("stage", stage)
        .strongReference(true)
        .register(registry);
    Gauge.builder("utter.stage.behind", activity, at -> Meters.seconds(at.behind()))
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
        meters.count("utter.admission.admitted", LANE, lane.name());
      }

      @Override
      public void refused(FailureCode code) {
        meters.count("utter.admission.refused", "code", code.name());
      }

      @Override
      public void repeated() {
        meters.count("utter.admission.repeated");
      }

      @Override
      public void foreign(String topic) {
        meters.count("utter.admission.foreign", "topic", topic);
      }

      @Override
      public void forwarded(String topic) {
        meters.count("utter.admission.forwarded", "topic", topic);
      }

      @Override
      public void deadLetter(String topic) {
        meters.deadLetter(topic);
      }
    };
  }

  /** Receives events of verification. */
  public VerificationListener verification() {
    starting.ofVerification();
    return new VerificationListener() {
      @Override
      public void checked(Verdict verdict, float confidence, Duration took) {
        meters.timer("utter.verification.time", "verdict", verdict.name()).record(took);
        meters.count("utter.verifications", "verdict", verdict.name());
        confidence("stored", confidence);
      }

      @Override
      public void deadLetter(String topic) {
        meters.deadLetter(topic);
      }
    };
  }

  /** Receives events of synthesis. */
  public SynthesisListener synthesis() {
    starting.ofSynthesis();
    return new SynthesisMeters(meters, work);
  }

  /**
   * Receives events of the intake.
   *
   * @param nameTaken gets the transactional id when another live worker uses it, too
   */
  public IntakeListener intake(Consumer<String> nameTaken) {
    starting.ofIntake();
    return new IntakeMeters(meters, registry, work, nameTaken);
  }

  /** Records of these topics may go to the dead letters; none has yet. */
  public void deadLettersOf(List<String> topics) {
    starting.deadLettersOf(topics);
  }

  /** A record of this topic went to the dead letters. */
  public void deadLetter(String topic) {
    meters.deadLetter(topic);
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

  private void confidence(String where, float confidence) {
    DistributionSummary.builder("utter.watermark.confidence")
        .tag("where", where)
        .serviceLevelObjectives(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
        .register(registry)
        .record(confidence);
  }
}
