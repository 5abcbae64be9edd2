package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.header;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.faults.TcpProxy;
import dev.utter.events.ContextUtterance;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisFailed;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.synthesis.WorkerParts.Variation;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests that wait: for a store, for context, for a partition to come back. */
@Tag("integration")
class WaitingWorkTest {
  private static final String VOICE = "voice.wav";
  private static SynthesisRig rig;
  private final TestingSpeechModel model = new TestingSpeechModel(4);
  private final CountDownLatch letGo = new CountDownLatch(1);
  private TcpProxy proxy;
  private ObjectStore proxied;

  @BeforeAll
  static void openRig() {
    rig = new SynthesisRig();
    rig.store.putIfAbsent(
        ObjectLocation.newest(SynthesisRig.VOICES, VOICE),
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(new float[48_000], 48_000), FileFormat.WAV_PCM16),
        "audio/wav",
        Map.of());
  }

  @AfterAll
  static void closeRig() {
    rig.close();
  }

  @BeforeEach
  void openProxy() {
    proxy = TcpProxy.start(URI.create(rig.addresses.s3()).getPort());
    proxied = rig.addresses.withS3("http://127.0.0.1:" + proxy.port()).store();
  }

  @AfterEach
  void stopWorkers() {
    letGo.countDown();
    proxy.resume();
    rig.stopWorkers();
    proxied.close();
    proxy.close();
    model.close();
  }

  @Test
  void recordsThatWereDroppedBeforeTheyWerePreparedEndWhenTheyComeBack() {
    // Given
    List<String> ids = IntStream.range(0, 12).mapToObj(i -> newId("moved" + i)).toList();
    ids.forEach(id -> model.release("hold " + id));
    Map<String, Duration> oldest = new ConcurrentHashMap<>();
    SynthesisListener listener =
        new SynthesisListener() {
          @Override
          public void oldest(String stage, Duration there) {
            oldest.put(stage, there);
          }
        };
    proxy.pause();
    worker("a", model, Variation.NONE.with(listener));
    ids.forEach(id -> rig.publish(request(id, "hold " + id)));
    await()
        .atMost(PATIENCE)
        .until(() -> oldest.getOrDefault("preparation", Duration.ZERO).toMillis() > 500);
    TestingSpeechModel holding = new TestingSpeechModel(4);
    SynthesisWorker b =
        rig.worker(holding, "waiting", "b", WorkerParts.WATERMARK, rig.store, Variation.NONE);
    await().atMost(PATIENCE).until(() -> !holding.beginnings.isEmpty());

    // When
    proxy.resume();
    b.close();

    // Then
    await().atMost(PATIENCE).until(() -> ids.stream().allMatch(id -> rig.outcomes(id) > 0));
    assertThat(ids).allSatisfy(id -> assertThat(rig.completed(id)).hasSize(1));
    holding.close();
  }

  @Test
  void aRequestThatWaitsForTheStoreCanStillBeCancelledAndExpire() {
    // Given
    rig.stack.stopS3();
    try {
      String cancelled = newId("cancelled");
      String expiring = newId("expiring");
      SynthesisWorker worker = worker("a", model, Variation.NONE);
      rig.publish(request(cancelled, "speak"));
      rig.publish(request(expiring, "speak").setDeadline(Instant.now().plusSeconds(5)));
      await()
          .atMost(PATIENCE)
          .until(() -> worker.waitingFor().filter(why -> why.contains("preparation")).isPresent());

      // When
      rig.cancel(cancelled);

      // Then
      assertThat(failed(cancelled).getCode()).isEqualTo(FailureCode.CANCELLED);
      assertThat(failed(expiring).getCode()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
    } finally {
      rig.stack.startS3();
    }
  }

  @Test
  void aRequestThatWaitsForItsContextCanStillBeCancelled() {
    // Given
    CountDownLatch decoding = new CountDownLatch(4);
    BiFunction<byte[], DecodeOptions, Recording> slow =
        (file, options) -> {
          decoding.countDown();
          awaitLetGo();
          return WorkerParts.decode(file, options);
        };
    worker("a", model, Variation.NONE.with(slow));
    List<String> first = IntStream.range(0, 4).mapToObj(i -> newId("first" + i)).toList();
    first.forEach(id -> rig.publish(request(id, "speak").setContext(context())));
    await().atMost(PATIENCE).until(() -> decoding.getCount() == 0);
    String waiting = newId("waiting");
    rig.publish(request(waiting, "speak").setContext(context()));

    // When
    rig.cancel(waiting);

    // Then
    assertThat(failed(waiting).getCode()).isEqualTo(FailureCode.CANCELLED);
    letGo.countDown();
    first.forEach(id -> await().atMost(PATIENCE).until(() -> rig.completed(id).size() == 1));
    assertThat(first)
        .allSatisfy(id -> assertThat(rig.completed(id).get(0).getAttempt()).isEqualTo(1));
  }

  @Test
  void aDecoderThatCannotRunHereIsReportedAndFailsNoRequest() {
    // Given
    BiFunction<byte[], DecodeOptions, Recording> broken =
        (file, options) -> {
          if (letGo.getCount() > 0) {
            throw new AudioToolException("ffmpeg cannot be unpacked under /nowhere");
          }
          return WorkerParts.decode(file, options);
        };
    SynthesisWorker worker = worker("a", model, Variation.NONE.with(broken));
    String id = newId("context");
    String plain = newId("plain");

    // When
    rig.publish(request(id, "speak").setContext(context()));
    await()
        .atMost(PATIENCE)
        .until(() -> worker.waitingFor().filter(why -> why.contains("/nowhere")).isPresent());
    rig.publish(request(plain, "speak"));

    // Then
    await().atMost(PATIENCE).until(() -> rig.completed(plain).size() == 1);
    assertThat(rig.outcomes(id)).isZero();
    letGo.countDown();
    await().atMost(PATIENCE).until(() -> rig.completed(id).size() == 1);
    assertThat(rig.completed(id).get(0).getAttempt()).isEqualTo(1);
    await().atMost(PATIENCE).until(() -> worker.waitingFor().isEmpty());
  }

  @Test
  void theMessageOfAnUnexpectedErrorAboutAnObjectIsNotPublished() {
    // Given
    BiFunction<byte[], DecodeOptions, Recording> broken =
        (file, options) -> {
          throw new IllegalStateException("the file begins with 2d 2d 2d 2d");
        };
    worker("a", model, Variation.NONE.with(broken));
    String id = newId("context");

    // When
    rig.publish(request(id, "speak").setContext(context()));

    // Then
    assertThat(failed(id).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(failed(id).getMessage()).contains("unexpected error").doesNotContain("2d");
    assertThat(header(rig.deadLetter(id).orElseThrow(), DeadLetterHeaders.MESSAGE))
        .contains("unexpected error")
        .doesNotContain("2d");
  }

  @Test
  void anEngineThatStandsStillIsReportedByTheTickerAlone() {
    // Given
    ShiftedClock clock = new ShiftedClock();
    AtomicLong shift = new AtomicLong();
    LongSupplier ticker = () -> System.nanoTime() + shift.get();
    SynthesisWorker worker = worker("a", model, Variation.NONE.with(clock).with(ticker));
    String id = newId("held");
    rig.publish(request(id, "hold " + id));
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + id));
    clock.forward(SynthesisFixture.synthesis("a").hungAfter().multipliedBy(2));
    assertThat(worker.hung()).isEmpty();

    // When
    shift.set(SynthesisFixture.synthesis("a").hungAfter().toNanos());

    // Then
    await().atMost(PATIENCE).until(() -> worker.hung().isPresent());
    assertThat(worker.hung().orElseThrow()).contains("no frame for");
    model.release("hold " + id);
    await().atMost(PATIENCE).until(() -> rig.completed(id).size() == 1);
    await().atMost(PATIENCE).until(() -> worker.hung().isEmpty());
  }

  @Test
  void aStopWaitsForNoStoreThatHangs() {
    // Given
    String id = newId("stopped");
    SynthesisWorker worker = worker("a", model, Variation.NONE);
    rig.publish(request(id, "hold " + id));
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + id));
    proxy.pause();
    model.release("hold " + id);
    await().atMost(PATIENCE).until(() -> model.spoken.contains("hold " + id));

    // When
    long began = System.nanoTime();
    worker.close();
    Duration took = Duration.ofNanos(System.nanoTime() - began);

    // Then: the grace for running work and a few seconds
    assertThat(took).isLessThan(Duration.ofSeconds(20));
    assertThat(worker.nativeWorkEnded()).isTrue();
    TestingSpeechModel next = new TestingSpeechModel(4);
    next.release("hold " + id);
    rig.worker(next, "waiting", "b", WorkerParts.WATERMARK, rig.store, Variation.NONE);
    await().atMost(PATIENCE).until(() -> rig.completed(id).size() == 1);
    assertThat(rig.completed(id).get(0).getAttempt()).isEqualTo(1);
    next.close();
  }

  private SynthesisWorker worker(String name, TestingSpeechModel itsModel, Variation variation) {
    return rig.worker(itsModel, "waiting", name, WorkerParts.WATERMARK, proxied, variation);
  }

  private void awaitLetGo() {
    try {
      letGo.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<ContextUtterance> context() {
    ObjectReference audio =
        ObjectReference.newBuilder().setBucket(SynthesisRig.VOICES).setKey(VOICE).build();
    return List.of(
        ContextUtterance.newBuilder().setSpeaker(0).setText("Hello.").setAudio(audio).build());
  }

  private static SynthesisFailed failed(String id) {
    await().atMost(PATIENCE).until(() -> rig.outcomes(id) > 0);
    assertThat(rig.completed(id)).isEmpty();
    return rig.failed(id).get(0);
  }
}
