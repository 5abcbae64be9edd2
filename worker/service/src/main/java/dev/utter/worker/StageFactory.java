package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.admission.AdmissionStage;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.skip.SkipOrders;
import dev.utter.worker.skip.SkippingStage;
import dev.utter.worker.status.StatusStage;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.streams.Polls;
import dev.utter.worker.streams.Stage;
import dev.utter.worker.streams.StageActivity;
import dev.utter.worker.streams.StageListener;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.streams.StageTrace;
import dev.utter.worker.streams.StreamsProperties;
import dev.utter.worker.streams.commit.CommitTime;
import dev.utter.worker.telemetry.metrics.WorkerMetrics;
import dev.utter.worker.threads.Pause;
import dev.utter.worker.trace.Tracing;
import dev.utter.worker.verification.VerificationStage;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the Kafka Streams stages from the settings. */
final class StageFactory {
  private static final Logger LOGGER = LoggerFactory.getLogger(StageFactory.class);

  /** Records per poll. All are in memory at once, and each may expand to its topic's limit. */
  private static final Polls POLLS = Polls.of(50);

  /** Leaves time for the rest of a stop: Kubernetes kills the process after 30 s. */
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(20);

  private final WorkerSettings settings;
  private final WorkerTopics.Facts kafkaFacts;
  private final WorkerMetrics metrics;
  private final Tracing tracing;
  private final Clock clock;
  private final Consumer<WorkerBrokenException> broken;
  private final SkipOrders skips;

  StageFactory(
      WorkerSettings settings,
      WorkerTopics.Facts kafkaFacts,
      WorkerMetrics metrics,
      Tracing tracing,
      Clock clock,
      Consumer<WorkerBrokenException> broken,
      SkipOrders skips) {
    this.settings = requireNonNull(settings, "settings is null");
    this.kafkaFacts = requireNonNull(kafkaFacts, "kafkaFacts is null");
    this.metrics = requireNonNull(metrics, "metrics is null");
    this.tracing = requireNonNull(tracing, "tracing is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.broken = requireNonNull(broken, "broken is null");
    this.skips = requireNonNull(skips, "skips is null");
  }

  Part admission() {
    Pause pause = new Pause();
    Guard guard = guard(pause, SkippingStage.ADMISSION).with(trace(AdmissionStage.NAME, Set.of()));
    return part(
        new AdmissionStage(
            settings.admission(),
            settings.access().orElseThrow(),
            settings.publishers(),
            kafkaFacts.requestPartitions(),
            registry(),
            new CloudEvents(settings.cloudEvents()),
            guard,
            clock,
            metrics.admission()),
        POLLS,
        CommitTime.AFTER_EACH_POLL,
        pause,
        guard);
  }

  Part status() {
    metrics.deadLettersOf(StatusStage.INPUTS);
    Pause pause = new Pause();
    Guard guard = guard(pause, SkippingStage.STATUS);
    StageListener listener =
        new StageListener() {
          @Override
          public void deadLetter(String topic) {
            metrics.deadLetter(topic);
          }
        };
    return part(
        new StatusStage(settings.status(), registry(), guard, clock, listener),
        POLLS,
        CommitTime.SELDOM,
        pause,
        guard);
  }

  /** The verification stage; the caller closes store, decoder and watermark. */
  Part verification(ObjectStore store, BoundedDecoder decoder, AudioWatermark watermark) {
    Pause pause = new Pause();
    Guard guard =
        guard(pause, SkippingStage.VERIFICATION)
            .with(trace(VerificationStage.NAME, Set.of(Topics.COMPLETED)));
    return part(
        new VerificationStage(
            settings.verification(),
            settings.access().orElseThrow(),
            registry(),
            store,
            decoder,
            watermark,
            settings.watermark().orElseThrow().keys(),
            new CloudEvents(settings.cloudEvents()),
            guard,
            clock,
            metrics.verification()),
        VerificationStage.POLLS,
        CommitTime.AFTER_EACH_POLL,
        pause,
        guard);
  }

  private Part part(Stage stage, Polls polls, CommitTime commits, Pause pause, Guard guard) {
    KafkaSettings kafka = settings.kafka();
    LOGGER
        .atInfo()
        .addKeyValue("stage", stage.name())
        .addKeyValue("stateCacheBytes", kafka.stateCacheBytes())
        .log("Stage created");
    StageRunner runner =
        new StageRunner(
            stage,
            StreamsProperties.of(
                group(stage.name()),
                settings.worker().name(),
                kafka.stateFolder().resolve(settings.worker().name()),
                kafka.stateCacheBytes(),
                polls,
                commits,
                kafka.client(),
                kafka.consumer(),
                kafka.producer(),
                kafka.streams()),
            pause,
            LONGEST_CLOSE,
            guard.limits(),
            clock,
            broken);
    return new StagePart(runner, guard.activity(), metrics);
  }

  private String group(String stage) {
    return settings.kafka().groupPrefix() + "-" + stage;
  }

  private StageTrace trace(String stage, Set<String> results) {
    return new StageTrace(tracing, group(stage), results);
  }

  private Map<String, String> registry() {
    return settings.registry().client();
  }

  private Guard guard(Pause pause, SkippingStage stage) {
    return new Guard(
        new InPlaceRetry(StreamsProperties.RETRY_ON_THE_SPOT, pause),
        kafkaFacts.limits(),
        new StageActivity(),
        skips.of(stage));
  }
}
