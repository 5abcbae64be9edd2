package dev.utter.worker.synthesis;

import dev.utter.events.Topics;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.clip.ClipMarking;
import dev.utter.worker.trace.Tracing;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * Everything a worker is made of, against a running stack: the real watermark, store, registry and
 * broker, and whichever model the test needs.
 */
public final class WorkerParts {
  static final WatermarkKey KEY = WatermarkKey.PUBLIC_DEMO;
  static final Path MODELS = Path.of(System.getProperty("utter.home"), "worker/speech/models");
  static final Watermark WATERMARK =
      Watermark.load(
          TorchEngine.start(EngineSettings.defaults()),
          MODELS.resolve("development/watermark"),
          WatermarkSettings.DEFAULT);
  static final AudioDecoder DECODER = new AudioDecoder(AudioLimits.DEFAULT);
  private static final BoundedDecoder BOUNDED_DECODER =
      new BoundedDecoder(DECODER, AudioLimits.DEFAULT, DecodingSettings.defaults());

  /** Decodes context audio. */
  public static Recording decode(byte[] file, DecodeOptions options) {
    return BOUNDED_DECODER.decode(file, options);
  }

  private WorkerParts() {}

  /** Where the stack is; travels to child processes as arguments. */
  record Addresses(String kafka, String registry, String s3, String access, String secret) {
    Addresses withS3(String other) {
      return new Addresses(kafka, registry, other, access, secret);
    }

    Map<String, String> client() {
      return Map.of("bootstrap.servers", kafka);
    }

    Map<String, String> registryProperties() {
      return Map.of(
          "schema.registry.url",
          registry,
          "max.retries",
          "0",
          EventDeserializer.UNKNOWN_SCHEMA_WAIT_MILLIS,
          "0");
    }

    ObjectStore store() {
      return ObjectStore.of(
          StorageSettings.defaults(URI.create(s3), new StorageCredentials(access, secret)),
          OwnBuckets.written(Set.of(SynthesisFixture.BUCKET)));
    }
  }

  static IntakeSettings intake(Addresses addresses, String group, String worker) {
    Map<String, String> consumer = new HashMap<>();
    consumer.put("session.timeout.ms", "2000");
    consumer.put("heartbeat.interval.ms", "300");
    return new IntakeSettings(
        group,
        group + "-" + worker,
        Set.of(Topics.WORK_INTERACTIVE, Topics.WORK_NORMAL, Topics.WORK_BULK),
        OptionalInt.of(16),
        8,
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofSeconds(3),
        Duration.ofSeconds(5),
        3,
        Duration.ofSeconds(3),
        LostOffsets.REFUSE,
        addresses.client(),
        consumer,
        Map.of());
  }

  static SynthesisWorker worker(
      Addresses addresses,
      ObjectStore store,
      SpeechModel model,
      String group,
      String worker,
      AudioWatermark watermark) {
    return worker(addresses, store, model, group, worker, watermark, Variation.NONE);
  }

  static SynthesisWorker worker(
      Addresses addresses,
      ObjectStore store,
      SpeechModel model,
      String group,
      String worker,
      AudioWatermark watermark,
      Variation variation) {
    return new SynthesisWorker(
        SynthesisFixture.synthesis(worker),
        intake(addresses, group, worker),
        model,
        new ClipMarking(
            watermark, KEY, new AudioEncoder(AudioLimits.DEFAULT), DECODER, Optional.empty()),
        store,
        SynthesisFixture.PROOF,
        variation.decoder(),
        addresses.registryProperties(),
        variation.listener(),
        variation.intakeListener(),
        CloudEvents.OFF,
        Tracing.OFF,
        variation.clock(),
        variation.nanos());
  }

  /** What a test has in place of the usual. */
  record Variation(
      BiFunction<byte[], DecodeOptions, Recording> decoder,
      SynthesisListener listener,
      IntakeListener intakeListener,
      Clock clock,
      LongSupplier nanos) {
    static final Variation NONE =
        new Variation(
            WorkerParts::decode,
            SynthesisListener.NONE,
            IntakeListener.NONE,
            Clock.systemUTC(),
            System::nanoTime);

    Variation with(BiFunction<byte[], DecodeOptions, Recording> other) {
      return new Variation(other, listener, intakeListener, clock, nanos);
    }

    Variation with(SynthesisListener other) {
      return new Variation(decoder, other, intakeListener, clock, nanos);
    }

    Variation with(IntakeListener other) {
      return new Variation(decoder, listener, other, clock, nanos);
    }

    Variation with(LongSupplier other) {
      return new Variation(decoder, listener, intakeListener, clock, other);
    }

    Variation with(Clock other) {
      return new Variation(decoder, listener, intakeListener, other, nanos);
    }
  }
}
