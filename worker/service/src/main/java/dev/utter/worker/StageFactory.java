package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioDecoder;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.admission.AdmissionStage;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.status.StatusStage;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.streams.CommitTime;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.streams.Pause;
import dev.utter.worker.streams.Stage;
import dev.utter.worker.streams.StageListener;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.streams.StreamsProperties;
import dev.utter.worker.telemetry.WorkerMetrics;
import dev.utter.worker.verification.VerificationStage;
import java.time.Clock;
import java.util.Map;
import java.util.function.Consumer;

/** Makes the Kafka Streams stages from the settings. */
final class StageFactory {
  private static final int POLL_RECORDS = 500;

  private final WorkerSettings settings;
  private final int deadLetterBytes;
  private final WorkerMetrics metrics;
  private final Clock clock;
  private final Consumer<WorkerBrokenException> broken;

  StageFactory(
      WorkerSettings settings,
      int deadLetterBytes,
      WorkerMetrics metrics,
      Clock clock,
      Consumer<WorkerBrokenException> broken) {
    this.settings = requireNonNull(settings, "settings is null");
    this.deadLetterBytes = deadLetterBytes;
    this.metrics = requireNonNull(metrics, "metrics is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.broken = requireNonNull(broken, "broken is null");
  }

  Part admission() {
    Pause pause = new Pause();
    return part(
        new AdmissionStage(
            settings.admission(), registry(), guard(pause), clock, metrics.admission()),
        POLL_RECORDS,
        CommitTime.AFTER_EACH_POLL,
        pause);
  }

  Part status() {
    Pause pause = new Pause();
    StageListener listener =
        new StageListener() {
          @Override
          public void deadLetter(String topic) {
            metrics.deadLetter(topic);
          }
        };
    return part(
        new StatusStage(settings.status(), registry(), guard(pause), clock, listener),
        POLL_RECORDS,
        CommitTime.SELDOM,
        pause);
  }

  /** The verification stage; store, decoder and watermark stay the caller's. */
  Part verification(ObjectStore store, AudioDecoder decoder, AudioWatermark watermark) {
    Pause pause = new Pause();
    return part(
        new VerificationStage(
            settings.verification(),
            registry(),
            store,
            decoder,
            watermark,
            settings.watermark().orElseThrow().key(),
            guard(pause),
            clock,
            metrics.verification()),
        VerificationStage.POLL_RECORDS,
        CommitTime.AFTER_EACH_POLL,
        pause);
  }

  private Part part(Stage stage, int pollRecords, CommitTime commits, Pause pause) {
    KafkaSettings kafka = settings.kafka();
    return new StagePart(
        new StageRunner(
            stage,
            StreamsProperties.of(
                kafka.groupPrefix() + "-" + stage.name(),
                kafka.stateFolder().resolve(settings.worker().name()),
                pollRecords,
                commits,
                kafka.client(),
                kafka.consumer(),
                kafka.producer(),
                kafka.streams()),
            pause,
            settings.worker().stopTimeout(),
            clock,
            broken),
        metrics);
  }

  private Map<String, String> registry() {
    return settings.registry().client();
  }

  private Guard guard(Pause pause) {
    return new Guard(new InPlaceRetry(StreamsProperties.RETRY_ON_THE_SPOT, pause), deadLetterBytes);
  }
}
