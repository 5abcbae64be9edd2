package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.clip.ClipMarking;
import dev.utter.worker.trace.Tracing;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A whole worker whose brokers do not answer: what it reports, and that it stops. */
class WorkerWithoutBrokerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger sweeps = new AtomicInteger();
  private final TestingSpeechModel model = new TestingSpeechModel(1);
  private final ObjectStore store =
      ObjectStore.of(
          StorageSettings.defaults(
              URI.create("http://127.0.0.1:1"), new StorageCredentials("nobody", "nothing")),
          OwnBuckets.written(Set.of(SynthesisFixture.BUCKET)));
  private final SynthesisWorker worker =
      new SynthesisWorker(
          SynthesisFixture.synthesis("worker"),
          intake(),
          model,
          new ClipMarking(
              unused(AudioWatermark.class),
              WatermarkKey.PUBLIC_DEMO,
              new AudioEncoder(AudioLimits.DEFAULT),
              new AudioDecoder(AudioLimits.DEFAULT),
              Optional.empty()),
          store,
          SynthesisFixture.PROOF,
          (bytes, options) -> new Recording(new AudioClip(new float[1], 24_000), List.of()),
          Map.of("schema.registry.url", "http://127.0.0.1:1"),
          new SynthesisListener() {
            @Override
            public void oldest(Duration held) {
              sweeps.incrementAndGet();
            }
          },
          IntakeListener.NONE,
          CloudEvents.OFF,
          Tracing.OFF,
          Clock.systemUTC(),
          now::get);

  private static IntakeSettings intake() {
    Duration brief = Duration.ofMillis(100);
    return new IntakeSettings(
        "group",
        "worker",
        Set.of("lane"),
        OptionalInt.empty(),
        8,
        brief,
        brief,
        brief,
        Duration.ofSeconds(5),
        3,
        Duration.ofSeconds(1),
        LostOffsets.REFUSE,
        Map.of("bootstrap.servers", "127.0.0.1:1"),
        Map.of(),
        Map.of());
  }

  @SuppressWarnings("unchecked")
  private static <T> T unused(Class<T> type) {
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              throw new AssertionError(method);
            });
  }

  @AfterEach
  void close() {
    worker.close(Duration.ofSeconds(10));
    model.close();
    store.close();
  }

  @Test
  void waitsForTheBrokersAndStopsWhenItIsAskedTo() {
    // When
    worker.start();
    await()
        .atMost(PATIENCE)
        .until(() -> worker.waitingFor().filter(why -> why.startsWith("Kafka: ")).isPresent());

    // Then
    assertThat(threads()).contains("utter-cancellations", "utter-intake");
    assertThat(worker.unfinished()).isZero();
    assertThat(worker.isReady()).isFalse();
    assertThat(worker.waiting()).isZero();
    assertThat(worker.sinceLastIteration()).isEmpty();
    assertThat(worker.hung()).isEmpty();
    assertThat(worker.terminated()).isNotDone();
    assertThat(worker.nativeWorkEnded()).isFalse();

    // When
    worker.close(Duration.ofSeconds(10));

    // Then
    assertThat(worker.terminated()).isCompleted();
    assertThat(worker.nativeWorkEnded()).isTrue();
    assertThat(threads()).doesNotContain("utter-cancellations", "utter-intake");
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  @Test
  void anEngineThatMakesNoFrameIsHung() {
    // Given
    worker.start();
    model.submit(
        new Utterance(0, "hold it", List.of()),
        new SynthesisOptions(1, 1f, 1, 0),
        Urgency.NORMAL,
        frames -> true);
    await().atMost(PATIENCE).until(() -> model.statistics().running() == 1);
    int seen = sweeps.get();
    await().atMost(PATIENCE).until(() -> sweeps.get() > seen + 1);

    // When
    now.addAndGet(Duration.ofMinutes(6).toNanos());

    // Then
    assertThat(worker.hung()).hasValue("the engine has utterances and has made no frame for 360 s");
    model.release("hold it");
  }
}
