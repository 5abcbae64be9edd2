package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.header;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.options;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.watermark.Detection;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.synthesis.WorkerParts.Variation;
import dev.utter.worker.synthesis.clip.ClipFacts;
import dev.utter.worker.synthesis.request.RequestContent;
import dev.utter.worker.telemetry.MetricsFormat;
import dev.utter.worker.telemetry.metrics.WorkerMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class SynthesisWorkerTest {
  private static SynthesisRig rig;
  private TestingSpeechModel model;
  private SynthesisWorker worker;

  @BeforeAll
  static void openRig() {
    rig = new SynthesisRig();
  }

  @AfterAll
  static void closeRig() {
    rig.close();
  }

  @BeforeEach
  void startWorker() {
    model = new TestingSpeechModel(1);
    worker = rig.worker(model, "synthesis", "worker");
  }

  @AfterEach
  void stopWorkers() {
    rig.stopWorkers();
  }

  @Test
  void storesAMarkedClipAndDescribesIt() {
    // Given
    String id = newId("good");

    // When
    rig.publish(request(id, "speak"));

    // Then
    SynthesisCompleted event = completed(id);
    ObjectLocation location =
        ObjectLocation.newest(event.getAudio().getBucket(), event.getAudio().getKey());
    byte[] file = rig.store.read(location);
    ObjectHead head = rig.store.head(location);
    Detection detection =
        WorkerParts.WATERMARK.detect(WorkerParts.DECODER.decode(file), WorkerParts.KEY);
    assertThat(location.key()).isEqualTo("clips/" + id + ".wav");
    assertThat(event.getAudio().getSha256()).isEqualTo(Sha256.hex(file));
    assertThat(event.getAudio().getSizeBytes()).isEqualTo(file.length);
    assertThat(event.getAudio().getEtag()).isEqualTo(head.etag());
    assertThat(event.getFrames()).isEqualTo(30);
    assertThat(event.getDurationMillis()).isEqualTo(2400);
    assertThat(event.getSampleRate()).isEqualTo(24_000);
    assertThat(event.getFinishReason()).isEqualTo(FinishReason.MAX_DURATION);
    assertThat(event.getAttempt()).isEqualTo(1);
    assertThat(event.getWorker()).isEqualTo("worker");
    assertThat(event.getAttributes()).isEqualTo(Map.of("asked-by", "test"));
    assertThat(event.getModel().getRevision()).isEqualTo("0123abcd");
    assertThat(event.getWatermark().getKeyId()).isEqualTo(WorkerParts.KEY.id());
    assertThat(detection.matches()).isTrue();
    assertThat(head.metadata())
        .containsEntry("utter-request-id", id)
        .containsEntry("utter-sha256", event.getAudio().getSha256());
  }

  @Test
  void givesARecordThatIsInTheLaneTwiceOneOutcome() {
    // Given
    String id = newId("twice");
    SynthesisRequested request = request(id, "hold " + id).build();
    rig.publish(Topics.WORK_BULK, request);
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + id));

    // When
    rig.publish(Topics.WORK_BULK, request);
    model.release("hold " + id);
    completed(id);
    rig.publish(Topics.WORK_BULK, request);
    String later = newId("later");
    rig.publish(Topics.WORK_BULK, request(later, "speak").build());

    // Then
    completed(later);
    assertThat(rig.outcomes(id)).isEqualTo(1);
    assertThat(model.beginnings).containsOnlyOnce("hold " + id);
  }

  @Test
  void usesTheClipOfAnEarlierAttemptWithoutTheEngine() {
    // Given
    String id = newId("reuse");
    SynthesisRequested request = request(id, "speak " + id).build();
    rig.publish(Topics.WORK_NORMAL, request);
    SynthesisCompleted first = completed(id);
    rig.stopWorkers();
    rig.worker(model, "synthesis", "another");

    // When
    rig.publish(Topics.WORK_NORMAL, request);

    // Then
    await().atMost(PATIENCE).until(() -> rig.completed(id).size() == 2);
    SynthesisCompleted second = rig.completed(id).get(1);
    assertThat(model.beginnings).containsOnlyOnce("speak " + id);
    assertThat(second.getAudio()).isEqualTo(first.getAudio());
    assertThat(second.getWatermark()).isEqualTo(first.getWatermark());
    assertThat(second.getSeed()).isEqualTo(first.getSeed());
    assertThat(second.getWorker()).isEqualTo("another");
  }

  @Test
  void announcesNoForeignClipWithForgedFacts() {
    // Given
    String id = newId("planted");
    SynthesisRequested request = request(id, "speak " + id).build();
    byte[] recording = "a real recording".getBytes(UTF_8);
    ObjectLocation location =
        ObjectLocation.newest(SynthesisFixture.BUCKET, "clips/" + id + ".wav");
    rig.store.putIfAbsent(
        location,
        recording,
        "audio/wav",
        new ClipFacts(
                id,
                RequestContent.fingerprint(request),
                Sha256.hex(recording),
                24_000,
                2400,
                30,
                FinishReason.END_OF_AUDIO,
                7,
                "sesame/csm-1b",
                "forged",
                WorkerParts.KEY.id(),
                0.99f,
                Optional.empty())
            .metadata());

    // When
    rig.publish(Topics.WORK_NORMAL, request);

    // Then
    assertThat(failed(id).getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failed(id).getField()).isEqualTo("output");
    assertThat(rig.store.read(location)).isEqualTo(recording);
  }

  @Test
  void overwritesNoForeignObject() {
    // Given
    String id = newId("taken");
    ObjectLocation location =
        ObjectLocation.newest(SynthesisFixture.BUCKET, "clips/" + id + ".wav");
    rig.store.putIfAbsent(location, "somebody's".getBytes(UTF_8), "text/plain", Map.of());

    // When
    rig.publish(request(id, "speak"));

    // Then
    SynthesisFailed failure = failed(id);
    assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failure.getField()).isEqualTo("output");
    assertThat(rig.store.read(location)).isEqualTo("somebody's".getBytes(UTF_8));
  }

  @Test
  void encodesAVoiceOnceForAllWhoUseIt() {
    // Given
    AudioClip clip = new AudioClip(new float[48_000], 48_000);
    byte[] wav = new AudioEncoder(AudioLimits.DEFAULT).encode(clip, FileFormat.WAV_PCM16);
    String key = newId("voice");
    rig.store.putIfAbsent(
        ObjectLocation.newest(SynthesisRig.VOICES, key), wav, "audio/wav", Map.of());
    String first = newId("first");
    String second = newId("second");

    // When
    rig.publish(request(first, "speak").setContext(context(key)));
    completed(first);
    rig.publish(request(second, "speak").setContext(context(key)));

    // Then
    completed(second);
    assertThat(model.encoded).hasValue(1);
  }

  @Test
  void saysWhichContextIsMissingOrUnreadable() {
    // Given
    String missing = newId("missing");
    String text = newId("text");
    rig.store.putIfAbsent(
        ObjectLocation.newest(SynthesisRig.VOICES, text),
        "not audio at all".getBytes(UTF_8),
        "audio/wav",
        Map.of());
    String unreadable = newId("unreadable");

    // When
    rig.publish(request(missing, "speak").setContext(context("nowhere")));
    rig.publish(request(unreadable, "speak").setContext(context(text)));

    // Then
    assertThat(failed(missing).getCode()).isEqualTo(FailureCode.CONTEXT_NOT_FOUND);
    assertThat(failed(missing).getField()).isEqualTo("context[0].audio");
    assertThat(failed(unreadable).getCode()).isEqualTo(FailureCode.CONTEXT_UNREADABLE);
    assertThat(failed(unreadable).getField()).isEqualTo("context[0].audio");
  }

  @Test
  void refusesWhatTheModelOrItsSettingsCannotDo() {
    // Given
    String greedy = newId("topk");
    String bucket = newId("bucket");
    String mute = newId("mute");
    String tooLong = newId("long");

    // When
    rig.publish(request(greedy, "speak").setOptions(options().setTopK(101).build()));
    rig.publish(
        request(bucket, "speak")
            .setOutput(OutputLocation.newBuilder().setBucket("not-allowed").build()));
    rig.publish(request(mute, "mute"));
    rig.publish(request(tooLong, "long"));

    // Then
    assertThat(failed(greedy).getField()).isEqualTo("options.topK");
    assertThat(failed(greedy).getMessage()).contains("101").contains("100");
    assertThat(failed(bucket).getField()).isEqualTo("output.bucket");
    assertThat(failed(mute).getCode()).isEqualTo(FailureCode.EMPTY_AUDIO);
    assertThat(failed(tooLong).getCode()).isEqualTo(FailureCode.CONTEXT_TOO_LONG);
  }

  @Test
  void refusesForeignObjectsOfRecordsThatBypassedAdmission() {
    // Given
    String owner = newId("owner");
    String clone = newId("clone");
    String elsewhere = newId("elsewhere");
    rig.publish(request(owner, "speak"));
    String clip = completed(owner).getAudio().getKey();
    ObjectReference foreign = new ObjectReference(SynthesisFixture.BUCKET, clip, null);

    // When
    rig.publish(
        request(clone, "speak").setContext(List.of(new ContextUtterance(0, "Hello.", foreign))));
    rig.publish(
        request(elsewhere, "speak")
            .setOutput(OutputLocation.newBuilder().setPrefix("context").build()));

    // Then
    assertThat(failed(clone).getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failed(clone).getField()).isEqualTo("context[0].audio.bucket");
    assertThat(failed(elsewhere).getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failed(elsewhere).getField()).isEqualTo("output.prefix");
  }

  @Test
  void refusesATextThatIsTooLongBeforeItFetchesContext() {
    // Given
    String crowded = newId("crowded");

    // When
    rig.publish(request(crowded, "crowded").setContext(context("nowhere")));

    // Then
    assertThat(failed(crowded).getCode()).isEqualTo(FailureCode.CONTEXT_TOO_LONG);
    assertThat(failed(crowded).getMessage()).contains("499 positions", "30 frames");
  }

  @Test
  void storesNothingInWhichItCannotFindTheMark() {
    // Given
    String id = newId("short");

    // When
    rig.publish(request(id, "speak").setOptions(options().setMaxDurationMillis(80).build()));

    // Then
    SynthesisFailed failure = failed(id);
    assertThat(failure.getCode()).isEqualTo(FailureCode.WATERMARK_NOT_DETECTED);
    assertThat(failure.getMessage()).contains("80 ms").contains("longer");
    assertThat(
            rig.store.find(ObjectLocation.newest(SynthesisFixture.BUCKET, "clips/" + id + ".wav")))
        .isEmpty();
  }

  @Test
  void makesBytesThatAreNoRequestADeadLetterAndContinues() {
    // Given
    String garbage = newId("garbage");
    byte[] bytes = {0, 0, 0, 0, 99, 1, 2, 3};
    String tombstone = newId("tombstone");
    String good = newId("good");

    // When
    rig.publishBytes(Topics.WORK_NORMAL, garbage, bytes);
    rig.publishBytes(Topics.WORK_NORMAL, tombstone, null);
    rig.publish(request(good, "speak"));

    // Then
    completed(good);
    await().atMost(PATIENCE).until(() -> rig.deadLetter(garbage).isPresent());
    await().atMost(PATIENCE).until(() -> rig.deadLetter(tombstone).isPresent());
    ConsumerRecord<byte[], byte[]> letter = rig.deadLetter(garbage).orElseThrow();
    assertThat(letter.value()).isEqualTo(bytes);
    assertThat(header(letter, DeadLetter.TOPIC)).isEqualTo(Topics.WORK_NORMAL);
    assertThat(header(letter, DeadLetter.REASON)).isEqualTo("UNDECODABLE");
    assertThat(header(letter, DeadLetter.MESSAGE)).contains("99");
    assertThat(rig.deadLetter(tombstone).orElseThrow().value()).isNull();
    assertThat(failed(garbage).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(failed(tombstone).getMessage()).contains("cannot be read");
  }

  @Test
  void endsExpiredWorkBeforeAndDuringGeneration() {
    // Given
    String before = newId("before");
    String during = newId("during");

    // When
    rig.publish(request(before, "speak").setDeadline(Instant.now().minusSeconds(1)));
    rig.publish(request(during, "hold " + during).setDeadline(Instant.now().plusSeconds(4)));

    // Then
    assertThat(failed(before).getCode()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
    assertThat(failed(during).getCode()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
    assertThat(model.spoken).isEmpty();
  }

  @Test
  void endsCancelledWorkWaitingAndRunning() {
    // Given
    String running = newId("running");
    String waiting = newId("waiting");
    String early = newId("early");
    rig.publish(request(running, "hold " + running));
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + running));
    rig.publish(request(waiting, "speak " + waiting));
    rig.cancel(early);
    rig.cancel(waiting);
    assertThat(failed(waiting).getCode()).isEqualTo(FailureCode.CANCELLED);

    // When
    rig.cancel(running);
    rig.publish(request(early, "speak " + early));

    // Then
    assertThat(failed(running).getCode()).isEqualTo(FailureCode.CANCELLED);
    assertThat(failed(early).getCode()).isEqualTo(FailureCode.CANCELLED);
    assertThat(model.spoken).isEmpty();
  }

  @Test
  void takesInteractiveWorkFirst() {
    // Given
    String running = newId("running");
    rig.publish(Topics.WORK_INTERACTIVE, request(running, "hold " + running).build());
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + running));
    List<String> ids = List.of(newId("bulk"), newId("normal"), newId("interactive"));
    List<String> lanes = List.of(Topics.WORK_BULK, Topics.WORK_NORMAL, Topics.WORK_INTERACTIVE);
    for (int i = 0; i < 3; i++) {
      rig.publish(lanes.get(i), request(ids.get(i), "speak " + i).build());
    }
    await().atMost(PATIENCE).until(() -> worker.waiting() == 3);

    // When
    model.release("hold " + running);

    // Then
    ids.forEach(this::completed);
    assertThat(model.spoken).endsWith("speak 2", "speak 1", "speak 0");
    assertThat(model.company.values()).containsOnly(1);
  }

  @Test
  void runsInteractiveWorkBeforeBulkThatIsRunning() {
    // Given
    String bulk = newId("bulk");
    rig.publish(Topics.WORK_BULK, request(bulk, "hold " + bulk).build());
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + bulk));
    String interactive = newId("interactive");

    // When
    rig.publish(Topics.WORK_INTERACTIVE, request(interactive, "speak").build());

    // Then
    completed(interactive);
    assertThat(rig.outcomes(bulk)).isZero();
    model.release("hold " + bulk);
    completed(bulk);
  }

  @Test
  void generatesAsManyAtOnceAsThereAreSlots() {
    // Given
    rig.stopWorkers();
    TestingSpeechModel four = new TestingSpeechModel(4);
    rig.worker(four, "synthesis", "four");
    List<String> ids = Stream.generate(() -> newId("n")).limit(5).toList();
    ids.forEach(id -> rig.publish(request(id, "hold " + id)));
    await().atMost(PATIENCE).until(() -> four.beginnings.size() == 4);
    List<String> begun = List.copyOf(four.beginnings);
    String running = ids.stream().filter(id -> begun.contains("hold " + id)).findFirst().get();

    // When
    rig.cancel(running);

    // Then
    assertThat(failed(running).getCode()).isEqualTo(FailureCode.CANCELLED);
    await().atMost(PATIENCE).until(() -> four.beginnings.size() == 5);
    assertThat(four.spoken).isEmpty();
    ids.forEach(id -> four.release("hold " + id));
    ids.stream().filter(id -> !id.equals(running)).forEach(this::completed);
    assertThat(four.company.values()).containsOnly(4);
  }

  @Test
  void triesAgainAfterAnUnexpectedErrorAndGivesUpInTheEnd() {
    // Given
    String once = newId("once");
    String always = newId("always");

    // When
    rig.publish(request(once, "throw 1 " + once));
    rig.publish(request(always, "throw 99 " + always));

    // Then
    assertThat(completed(once).getAttempt()).isEqualTo(2);
    assertThat(failed(always).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(failed(always).getAttempt()).isEqualTo(3);
    assertThat(header(rig.deadLetter(always).orElseThrow(), DeadLetter.REASON))
        .isEqualTo("INTERNAL");
  }

  @Test
  void aRedrivenRecordIsTriedAgainWhereItFailedAndAFurtherCopyOfItIsNot() {
    // Given
    String id = newId("redriven");
    SynthesisRequested request = request(id, "throw 3 " + id).build();
    rig.publish(Topics.WORK_NORMAL, request);
    assertThat(failed(id).getCode()).isEqualTo(FailureCode.INTERNAL);

    // When
    rig.publish(Topics.WORK_NORMAL, request);
    rig.redrive(Topics.WORK_NORMAL, request);

    // Then
    await().atMost(PATIENCE).until(() -> !rig.completed(id).isEmpty());
    assertThat(rig.outcomes(id)).isEqualTo(2);
    assertThat(rig.completed(id).get(0).getAttempt()).isEqualTo(1);
    assertThat(rig.redrives(Topics.COMPLETED, id)).containsExactly("1");
  }

  @Test
  void deadLettersAreCountedByTheirLane() {
    // Given
    rig.stopWorkers();
    try (WorkerMetrics metrics = new WorkerMetrics("counting")) {
      rig.worker(
          model,
          "synthesis",
          "counting",
          WorkerParts.WATERMARK,
          rig.store,
          Variation.NONE.with(metrics.intake(taken -> {})));
      String garbage = newId("garbage");
      String always = newId("always");

      // When
      rig.publishBytes(Topics.WORK_BULK, garbage, new byte[] {1, 2, 3});
      rig.publish(request(always, "throw 99 " + always));
      rig.publish(request(newId("good"), "speak"));

      // Then
      await().atMost(PATIENCE).until(() -> rig.deadLetter(garbage).isPresent());
      await().atMost(PATIENCE).until(() -> rig.deadLetter(always).isPresent());
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  deadLetters(metrics)
                      .equals(
                          Map.of(
                              Topics.WORK_INTERACTIVE, 0.0,
                              Topics.WORK_NORMAL, 1.0,
                              Topics.WORK_BULK, 1.0)));
    }
  }

  /** By topic, how many dead letters a scrape reports. */
  private static Map<String, Double> deadLetters(WorkerMetrics metrics) {
    Pattern line = Pattern.compile("utter_dead_letters_total\\{topic=\"([^\"]+)\".*} (.+)");
    return metrics
        .scrape(MetricsFormat.TEXT)
        .lines()
        .map(line::matcher)
        .filter(Matcher::matches)
        .collect(
            Collectors.toMap(found -> found.group(1), found -> Double.valueOf(found.group(2))));
  }

  @Test
  void generatesOnWhileClipsWaitForASlowWatermarkUntilThereAreTooMany() {
    // Given
    rig.stopWorkers();
    HeldWatermark slow = new HeldWatermark(WorkerParts.WATERMARK);
    SynthesisWorker held = rig.worker(model, "synthesis", "held", slow);
    int most = SynthesisFixture.synthesis("held").sizes(model.slots()).maxFinishing();
    List<String> ids = Stream.generate(() -> newId("n")).limit(most + 1).toList();

    // When
    ids.forEach(id -> rig.publish(request(id, "speak " + id)));

    // Then
    await().atMost(PATIENCE).until(() -> model.spoken.size() == most && held.waiting() == 1);
    ids.forEach(id -> assertThat(rig.outcomes(id)).isZero());
    slow.letGo();
    ids.forEach(this::completed);
  }

  @Test
  void countsAnErrorAgainstTheRequestThatMadeItAndNotAgainstItsNeighbours() {
    // Given
    rig.stopWorkers();
    TestingSpeechModel four = new TestingSpeechModel(4);
    rig.worker(four, "synthesis", "four");
    String neighbour = newId("neighbour");
    String poison = newId("poison");
    rig.publish(request(neighbour, "hold " + neighbour));
    await().atMost(PATIENCE).until(() -> four.beginnings.contains("hold " + neighbour));

    // When
    rig.publish(request(poison, "throw 99 " + poison));
    await().atMost(PATIENCE).until(() -> four.beginnings.contains("throw 99 " + poison));
    four.release("hold " + neighbour);

    // Then
    assertThat(completed(neighbour).getAttempt()).isEqualTo(1);
    assertThat(failed(poison).getAttempt()).isEqualTo(3);
    assertThat(four.beginnings.subList(2, 4)).containsOnly("throw 99 " + poison);
  }

  @Test
  void breaksWhenMemoryRunsOutAndCountsTheAttempt() {
    // Given
    String id = newId("exhaust");
    rig.publish(request(id, "exhaust"));

    // When
    Throwable end = end(worker);
    end(rig.worker(model, "synthesis", "second"));
    end(rig.worker(model, "synthesis", "third"));
    rig.worker(model, "synthesis", "fourth");

    // Then
    assertThat(end).isInstanceOf(WorkerBrokenException.class);
    assertThat(failed(id).getCode()).isEqualTo(FailureCode.ATTEMPTS_EXHAUSTED);
    assertThat(failed(id).getAttempt()).isEqualTo(3);
  }

  @Test
  void breaksWithItsEngineAndCountsTheAttempt() {
    // Given
    String id = newId("break");
    rig.publish(request(id, "break 1 " + id));

    // When
    Throwable end = end(worker);
    rig.worker(model, "synthesis", "second");

    // Then
    assertThat(end).isInstanceOf(WorkerBrokenException.class).hasMessageContaining("engine");
    assertThat(completed(id).getAttempt()).isEqualTo(2);
    assertThat(completed(id).getWorker()).isEqualTo("second");
  }

  @Test
  void waitsForAStoreAndABrokerThatAreAway() {
    // Given
    String id = newId("outage");
    rig.publish(request(id, "hold " + id));
    await().atMost(PATIENCE).until(() -> model.beginnings.contains("hold " + id));
    rig.stack.stopS3();
    model.release("hold " + id);
    await().atMost(PATIENCE).until(() -> model.spoken.contains("hold " + id));

    // When
    rig.stack.restartBroker();
    rig.stack.startS3();

    // Then
    assertThat(completed(id).getAttempt()).isEqualTo(1);
    assertThat(rig.outcomes(id)).isEqualTo(1);
  }

  private static Throwable end(SynthesisWorker worker) {
    Throwable end = worker.terminated().handle((nothing, failure) -> failure).join();
    return end instanceof CompletionException ? end.getCause() : end;
  }

  private static List<ContextUtterance> context(String key) {
    ObjectReference audio =
        ObjectReference.newBuilder().setBucket(SynthesisRig.VOICES).setKey(key).build();
    return List.of(
        ContextUtterance.newBuilder().setSpeaker(0).setText("Hello.").setAudio(audio).build());
  }

  private SynthesisCompleted completed(String id) {
    await().atMost(PATIENCE).until(() -> rig.outcomes(id) > 0);
    assertThat(rig.failed(id)).isEmpty();
    return rig.completed(id).get(0);
  }

  private SynthesisFailed failed(String id) {
    await().atMost(PATIENCE).until(() -> rig.outcomes(id) > 0);
    assertThat(rig.completed(id)).isEmpty();
    return rig.failed(id).get(0);
  }
}
