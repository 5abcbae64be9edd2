package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisFixture.BUCKET;
import static dev.utter.worker.synthesis.SynthesisRig.VOICES;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.events.ContextNoteKind;
import dev.utter.events.ContextUtterance;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.Recording;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.intake.TestingDeliveries.Watched;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.cancellation.Cancellations;
import dev.utter.worker.synthesis.clip.ClipFacts;
import dev.utter.worker.synthesis.clip.ClipStore;
import dev.utter.worker.synthesis.clip.MarkedClip;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextFetcher;
import dev.utter.worker.synthesis.event.OutcomeEvents;
import dev.utter.worker.synthesis.event.StartedEvents;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.RequestState;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.synthesis.request.Planner;
import dev.utter.worker.trace.TraceSpan;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way a job can go, on a real store and registry. The test acts as the intake. */
class JobLifeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static EmbeddedSchemaRegistry registry;
  private static EmbeddedS3 s3;

  @BeforeAll
  static void start() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
    s3.createBucket(BUCKET);
    s3.createBucket(VOICES);
  }

  @AfterAll
  static void stop() {
    s3.close();
    registry.close();
  }

  private final Map<String, Object> properties = Map.of("schema.registry.url", registry.url());
  private final SynthesisSettings settings = SynthesisFixture.synthesis("worker-1");
  private final TestingClock clock = new TestingClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final Pools pools = new Pools(settings, settings.sizes(1));
  private final Reports reports = new Reports();
  private final List<String> broken = new CopyOnWriteArrayList<>();
  private final List<Watched> taken = new ArrayList<>();
  private final EventSerializer serializer = new EventSerializer(properties);
  private final EventDeserializer<SynthesisRequested> requests =
      new EventDeserializer<>(SynthesisRequested.class, properties);
  private final EventDeserializer<SynthesisCompleted> completions =
      new EventDeserializer<>(SynthesisCompleted.class, properties);
  private final EventDeserializer<SynthesisFailed> failures =
      new EventDeserializer<>(SynthesisFailed.class, properties);
  private final StartedEvents startedEvents =
      new StartedEvents(Map.of("bootstrap.servers", "127.0.0.1:1"), serializer, "worker-1", clock);
  private final ObjectStore store =
      ObjectStore.of(
          StorageSettings.defaults(
              URI.create(s3.endpoint()), new StorageCredentials(s3.accessKey(), s3.secretKey())),
          OwnBuckets.written(Set.of(BUCKET)));
  private final TestingSpeechModel model = new TestingSpeechModel(1);
  private final AtomicInteger markings = new AtomicInteger();
  private List<RuntimeException> markingFailures = new CopyOnWriteArrayList<>();
  private Recording recording = new Recording(new AudioClip(new float[24_000], 24_000), List.of());
  private Synthesizer synthesizer;

  /** What metrics would show. */
  private static final class Reports implements SynthesisListener {
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Map<String, Duration> oldest = new ConcurrentHashMap<>();
    private volatile Duration oldestJob = Duration.ZERO;
    private volatile String queue = "";

    @Override
    public void step(String name, Duration took) {
      seen.add("step " + name);
    }

    @Override
    public void reused() {
      seen.add("reused");
    }

    @Override
    public void codes(boolean found) {
      seen.add("codes " + found);
    }

    @Override
    public void unexpected(Exception why) {
      seen.add("unexpected " + why.getMessage());
    }

    @Override
    public void retrying(String stage, Duration pause) {
      seen.add("retrying " + stage);
    }

    @Override
    public void oldest(Duration held) {
      oldestJob = held;
    }

    @Override
    public void oldest(String stage, Duration there) {
      oldest.put(stage, there);
    }

    @Override
    public void queue(int waiting, int generating) {
      queue = waiting + " " + generating;
    }
  }

  @BeforeEach
  void open() {
    synthesizer = synthesizer();
  }

  private Synthesizer synthesizer() {
    CodesCache codes = new CodesCache(1 << 20, reports);
    Synthesizer made =
        new Synthesizer(
            settings,
            settings.sizes(1),
            1,
            3,
            new JobTools(
                requests,
                new Planner(new AccessRules(settings.access()), TestingSpeechModel.DESCRIPTION),
                new ClipStore(store, SynthesisFixture.PROOF),
                new ContextFetcher(
                    store,
                    (bytes, options) -> recording,
                    codes,
                    TestingSpeechModel.DESCRIPTION,
                    new ContextFetcher.Limits(1_000, 2_000)),
                new Generation(model, codes, reports, clock),
                this::mark,
                new OutcomeEvents(serializer, CloudEvents.OFF, "worker-1", clock),
                startedEvents,
                delivery -> TraceSpan.NONE),
            pools,
            new StepHealth(() -> true, settings.retries().longest(), clock, System::nanoTime),
            why -> broken.add(why.getMessage()),
            reports,
            clock);
    Cancellations cancellations =
        new Cancellations(
            Map.of(),
            Topics.CANCELLATIONS,
            new PublisherKey(PublisherKey.HEADER),
            settings.cancellations(),
            (id, publisher) -> {},
            why -> broken.add(why.toString()),
            SynthesisListener.NONE,
            clock);
    cancellations.caughtUp().complete(null);
    made.openWith(cancellations);
    return made;
  }

  /** A file that says what was spoken, and facts that fit it. */
  private void mark(Job job) {
    markings.incrementAndGet();
    if (!markingFailures.isEmpty()) {
      throw markingFailures.remove(0);
    }
    RequestState.Marking marking = job.state(RequestState.Marking.class);
    byte[] file = marking.plan().request().getText().getBytes(UTF_8);
    ClipFacts facts =
        new ClipFacts(
            marking.plan().requestId(),
            marking.plan().fingerprint(),
            Sha256.hex(file),
            24_000,
            marking.speech().audio().duration().toMillis(),
            marking.speech().codes().frames(),
            FinishReason.MAX_DURATION,
            marking.plan().options().seed(),
            "testing",
            "0123abcd",
            "demo",
            0.5f,
            Optional.empty());
    clock.advance(Duration.ofSeconds(3));
    job.move(marking.store(new MarkedClip(file, facts), clock.instant()));
  }

  @AfterEach
  void close() {
    taken.forEach(each -> each.drop(synthesizer));
    model.close();
    pools.close(PATIENCE);
    startedEvents.close();
    store.close();
    requests.close();
    completions.close();
    failures.close();
    serializer.close();
  }

  private Watched take(long offset, SynthesisRequested request) {
    return take(0, offset, request.getRequestId(), serialized(request));
  }

  private Watched take(int starts, long offset, String key, byte[] value) {
    Watched watched =
        TestingDeliveries.watched(Topics.WORK_NORMAL, starts, offset, key.getBytes(UTF_8), value);
    return take(watched);
  }

  private Watched take(Watched watched) {
    taken.add(watched);
    synthesizer.taken(watched.delivery());
    return watched;
  }

  /** Acts as the intake until the record has an outcome, which it returns. */
  private String end(Watched watched) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> !watched.obey(synthesizer).outcomes().isEmpty());
    return watched.outcomes().get(0);
  }

  private void awaitBeginning(Watched watched, String text) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              watched.obey(synthesizer);
              return model.beginnings.contains(text);
            });
  }

  private SynthesisCompleted completed(Watched watched) {
    ProducerRecord<byte[], byte[]> record = watched.outcome().records().get(0);
    assertThat(record.topic()).isEqualTo(Topics.COMPLETED);
    return completions.deserialize(Topics.COMPLETED, record.value());
  }

  private SynthesisFailed failed(Watched watched) {
    ProducerRecord<byte[], byte[]> record = watched.outcome().records().get(0);
    assertThat(record.topic()).isEqualTo(Topics.FAILED);
    return failures.deserialize(Topics.FAILED, record.value());
  }

  private static String header(ProducerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "missing" : new String(header.value(), UTF_8);
  }

  @Test
  void aRequestHasOneClipAndOneOutcome() {
    // When
    Watched watched = take(1, request("life-1", "Hello.").build());
    String outcome = end(watched);

    // Then
    assertThat(outcome).isEqualTo("completed");
    SynthesisCompleted event = completed(watched);
    assertThat(event.getRequestId()).isEqualTo("life-1");
    assertThat(event.getAttempt()).isEqualTo(1);
    assertThat(event.getWorker()).isEqualTo("worker-1");
    assertThat(event.getAttributes()).containsEntry("asked-by", "test");
    assertThat(event.getTimings().getWatermarkMillis()).isEqualTo(3000);
    assertThat(event.getContextNotes()).isEmpty();
    assertThat(event.getSignature()).isNull();
    byte[] stored =
        store.read(ObjectLocation.newest(event.getAudio().getBucket(), event.getAudio().getKey()));
    assertThat(stored).isEqualTo("Hello.".getBytes(UTF_8));
    assertThat(event.getAudio().getSha256()).isEqualTo(Sha256.hex(stored));
    assertThat(event.getAudio().getSizeBytes()).isEqualTo(stored.length);
    assertThat(watched.outcome().records().get(0).key()).isEqualTo("life-1".getBytes(UTF_8));
    assertThat(watched.delivery().starts()).isEqualTo(1);
    assertThat(watched.startsTakenBack()).isZero();
    assertThat(reports.seen).containsExactly("step context", "step watermark", "step storage");
    assertThat(broken).isEmpty();
  }

  @Test
  void aClipThatIsStoredIsTheOutcomeWithoutBeingSpokenAgain() {
    // Given
    SynthesisRequested request = request("life-2", "Hello.").build();
    end(take(1, request));
    int spoken = model.spoken.size();

    // When: another worker
    synthesizer = synthesizer();
    Watched again = take(1, request);

    // Then
    assertThat(end(again)).isEqualTo("completed");
    assertThat(completed(again).getAttempt()).isEqualTo(1);
    assertThat(completed(again).getTimings().getGenerationMillis()).isZero();
    assertThat(model.spoken).hasSize(spoken);
    assertThat(reports.seen).endsWith("reused");
    assertThat(again.delivery().starts()).isZero();
  }

  @Test
  void aFurtherRecordOfAFinishedRequestHasNoOutcomeUnlessAnOperatorSentIt() {
    // Given
    SynthesisRequested request = request("life-3", "Hello.").build();
    end(take(1, request));

    // When
    Watched second = take(2, request);
    Watched redriven =
        TestingDeliveries.watched(
            Topics.WORK_NORMAL,
            3,
            "life-3".getBytes(UTF_8),
            serializer.serialize(Topics.WORK_NORMAL, request));
    redriven.delivery().record().headers().add(DeadLetterHeaders.REDRIVES, new byte[] {'1'});

    // Then
    assertThat(end(second)).isEqualTo("duplicate");
    assertThat(second.outcome().records()).isEmpty();
    assertThat(end(take(redriven))).isEqualTo("completed");
    assertThat(header(redriven.outcome().records().get(0), DeadLetterHeaders.REDRIVES))
        .isEqualTo("1");
  }

  @Test
  void contextIsFetchedUnderASeparateStartAndEncodedOnce() {
    // Given
    put("voice.wav");
    recording =
        new Recording(
            recording.clip(),
            List.of(new AudioNote(AudioNote.Kind.CLIPPED, Duration.ofMillis(40), "too loud")));

    // When
    Watched first = take(1, withContext("life-4", "voice.wav"));
    String outcome = end(first);
    Watched second = take(2, withContext("life-5", "voice.wav"));

    // Then
    assertThat(outcome).isEqualTo("completed");
    assertThat(first.startsTakenBack()).isEqualTo(1);
    assertThat(first.delivery().starts()).isEqualTo(1);
    assertThat(completed(first).getContextNotes())
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.getContext()).isZero();
              assertThat(note.getKind()).isEqualTo(ContextNoteKind.CLIPPED);
              assertThat(note.getPositionMillis()).isEqualTo(40);
              assertThat(note.getMessage()).isEqualTo("too loud");
            });
    assertThat(end(second)).isEqualTo("completed");
    assertThat(model.encoded).hasValue(1);
    assertThat(reports.seen).containsSubsequence("codes false", "codes true");
  }

  @Test
  void contextThatIsMissingFailsTheRequestWithItsField() {
    // When
    Watched watched = take(1, withContext("life-6", "nothing.wav"));

    // Then
    assertThat(end(watched)).isEqualTo("context_not_found");
    assertThat(failed(watched).getField()).isEqualTo("context[0].audio");
    assertThat(failed(watched).getCode()).isEqualTo(FailureCode.CONTEXT_NOT_FOUND);
    assertThat(watched.outcome().records()).as("no dead letter").hasSize(1);
    assertThat(model.beginnings).isEmpty();
  }

  private void put(String voice) {
    store.putIfAbsent(ObjectLocation.newest(VOICES, voice), new byte[100], "audio/wav", Map.of());
  }

  private static SynthesisRequested withContext(String id, String voice) {
    return request(id, "Hello.")
        .setContext(
            List.of(
                new ContextUtterance(0, "As I said.", new ObjectReference(VOICES, voice, null))))
        .build();
  }

  @Test
  void bytesThatAreNoRequestBecomeADeadLetterAndAFailureUnderTheirKey() {
    // When
    Watched named = take(0, 1, "life-7", new byte[] {1, 2, 3});
    Watched unnamed = take(0, 2, "no id", new byte[] {1, 2, 3});

    // Then
    assertThat(end(named)).isEqualTo("undecodable");
    assertThat(failed(named).getRequestId()).isEqualTo("life-7");
    assertThat(failed(named).getMessage()).startsWith("the admitted record cannot be read: ");
    assertThat(named.outcome().deadLetters()).isEqualTo(1);
    assertThat(named.outcome().records()).hasSize(2);
    assertThat(end(unnamed)).isEqualTo("undecodable");
    assertThat(unnamed.outcome().records())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.topic()).isEqualTo(Topics.DEAD_LETTERS);
              assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("UNDECODABLE");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "mute, empty_audio, ''",
    "long, context_too_long, context",
    "crowded, context_too_long, context"
  })
  void whatTheEngineRefusesFailsTheRequest(String text, String outcome, String field) {
    // When
    Watched watched = take(1, request("life-" + text, text).build());

    // Then
    assertThat(end(watched)).isEqualTo(outcome);
    assertThat(failed(watched).getField()).isEqualTo(field.isEmpty() ? null : field);
    assertThat(failed(watched).getAttempt()).isEqualTo(text.equals("crowded") ? 0 : 1);
    assertThat(failed(watched).getAttributes()).containsEntry("asked-by", "test");
    assertThat(watched.outcome().deadLetters()).isZero();
  }

  @Test
  void aRequestThatBreaksARuleFailsBeforeAnythingIsStarted() {
    // When
    Watched watched =
        take(
            1,
            request("life-8", "Hello.")
                .setOptions(SynthesisRig.options().setTopK(101).build())
                .build());

    // Then
    assertThat(end(watched)).isEqualTo("invalid_request");
    assertThat(failed(watched).getField()).isEqualTo("options.topK");
    assertThat(watched.delivery().starts()).isZero();
  }

  @Test
  void aDeadlineThatIsPastEndsTheRequest() {
    // When
    Watched watched = take(1, request("life-9", "Hello.").setDeadline(clock.instant()).build());

    // Then
    assertThat(end(watched)).isEqualTo("deadline_exceeded");
    assertThat(failed(watched).getField()).isEqualTo("deadline");
  }

  @Test
  void anErrorInTheEngineBeginsTheAttemptAnewAndTheNextOneCounts() {
    // When
    Watched watched = take(1, request("life-10", "throw 1").build());

    // Then
    assertThat(end(watched)).isEqualTo("completed");
    assertThat(completed(watched).getAttempt()).isEqualTo(2);
    assertThat(reports.seen).contains("unexpected as asked");
  }

  @Test
  void aRequestThatFailsInEveryAttemptIsGivenUpWithADeadLetter() {
    // When
    Watched watched = take(1, request("life-11", "throw 9").build());

    // Then
    assertThat(end(watched)).isEqualTo("internal");
    assertThat(failed(watched).getAttempt()).isEqualTo(3);
    assertThat(failed(watched).getMessage())
        .startsWith("unexpected error in attempt 3, the last one: ")
        .contains("as asked");
    assertThat(watched.outcome().deadLetters()).isEqualTo(1);
    assertThat(header(watched.outcome().records().get(1), DeadLetterHeaders.REASON))
        .isEqualTo("INTERNAL");
  }

  @Test
  void anErrorInMarkingBeginsTheAttemptAnewAndARefusalFailsTheRequest() {
    // Given
    markingFailures.add(new IllegalStateException("once"));

    // When
    Watched shaky = take(1, request("life-12", "Hello.").build());
    String outcome = end(shaky);
    markingFailures.add(
        new RequestFailedException(FailureCode.WATERMARK_NOT_DETECTED, null, "too short"));
    Watched refused = take(2, request("life-13", "Hello.").build());

    // Then
    assertThat(outcome).isEqualTo("completed");
    assertThat(completed(shaky).getAttempt()).isEqualTo(2);
    assertThat(end(refused)).isEqualTo("watermark_not_detected");
    assertThat(markings).hasValue(3);
  }

  @Test
  void aRecordThatUsedUpItsAttemptsIsGivenUpBeforeAnotherIsBegun() {
    // When
    Watched exhausted = take(3, 1, "life-14", serialized(request("life-14", "Hello.").build()));
    Watched last = take(2, 2, "life-15", serialized(request("life-15", "Hello.").build()));

    // Then
    assertThat(end(exhausted)).isEqualTo("attempts_exhausted");
    assertThat(failed(exhausted).getMessage())
        .isEqualTo("3 attempts were begun and none ended; the worker died in each");
    assertThat(exhausted.outcome().deadLetters()).isEqualTo(1);
    assertThat(end(last)).isEqualTo("completed");
    assertThat(completed(last).getAttempt()).isEqualTo(3);
  }

  private byte[] serialized(SynthesisRequested request) {
    return serializer.serialize(Topics.WORK_NORMAL, request);
  }

  @Test
  void aSuspectFetchesItsContextAndIsSpokenUnderOneStart() {
    // Given
    put("suspect.wav");

    // When
    Watched watched = take(1, 1, "life-16", serialized(withContext("life-16", "suspect.wav")));

    // Then
    assertThat(end(watched)).isEqualTo("completed");
    assertThat(watched.delivery().starts()).isEqualTo(2);
    assertThat(watched.startsTakenBack()).isZero();
  }

  @Test
  void anEngineThatIsBrokenBreaksTheWorkerAndNoRequest() {
    // When
    Watched watched = take(1, request("life-17", "break 1").build());

    // Then
    await()
        .atMost(PATIENCE)
        .until(() -> !watched.obey(synthesizer).outcomes().isEmpty() || !broken.isEmpty());
    assertThat(broken).containsExactly("the engine is broken: as asked");
    assertThat(watched.outcomes()).isEmpty();
  }

  @Test
  void aGenerationThatIsCancelledEndsWithinAFrame() {
    // Given
    Watched watched = take(1, request("life-18", "hold one").build());
    awaitBeginning(watched, "hold one");

    // When
    synthesizer.cancel("life-18", PublisherKey.NONE);

    // Then
    assertThat(end(watched)).isEqualTo("cancelled");
    assertThat(failed(watched).getMessage()).isEqualTo("the request was cancelled by its caller");
    assertThat(model.spoken).isEmpty();
  }

  @Test
  void aGenerationThatAnotherWorkerOwnsNowEndsWithoutAnOutcome() {
    // Given
    Watched dropped = take(1, request("life-19", "hold two").build());
    awaitBeginning(dropped, "hold two");
    Watched waiting = take(2, request("life-20", "Hello.").build());

    // When
    dropped.drop(synthesizer);

    // Then
    assertThat(end(waiting)).isEqualTo("completed");
    assertThat(dropped.obey(synthesizer).outcomes()).isEmpty();
    assertThat(model.spoken).containsExactly("Hello.");
  }

  @Test
  void reportsWhatWaitsAndHowLongJobsAreHeld() {
    // Given
    Watched holding = take(1, request("life-21", "hold three").build());
    awaitBeginning(holding, "hold three");
    Watched waiting = take(2, request("life-22", "Hello.").build());
    await().atMost(PATIENCE).until(() -> synthesizer.waiting() == 1);

    // When
    clock.advance(Duration.ofSeconds(20));
    synthesizer.sweep();

    // Then
    assertThat(reports.queue).isEqualTo("1 1");
    assertThat(reports.oldestJob).isEqualTo(Duration.ofSeconds(20));
    assertThat(reports.oldest).containsEntry("storage", Duration.ZERO);
    assertThat(reports.oldest.values()).contains(Duration.ofSeconds(20));

    // When
    model.release("hold three");

    // Then
    assertThat(end(holding)).isEqualTo("completed");
    assertThat(end(waiting)).isEqualTo("completed");
    assertThat(synthesizer.waiting()).isZero();
    synthesizer.sweep();
    assertThat(reports.queue).isEqualTo("0 0");
    assertThat(reports.oldestJob).isZero();
  }

  @Test
  void aRequestThatIsCancelledWhileItWaitsLeavesItsPlace() {
    // Given
    Watched holding = take(1, request("life-23", "hold four").build());
    awaitBeginning(holding, "hold four");
    Watched waiting = take(2, request("life-24", "Hello.").build());
    await().atMost(PATIENCE).until(() -> synthesizer.waiting() == 1);

    // When
    synthesizer.cancel("life-24", PublisherKey.NONE);

    // Then
    assertThat(end(waiting)).isEqualTo("cancelled");
    assertThat(synthesizer.waiting()).isZero();
    assertThat(model.beginnings).containsExactly("hold four");
  }

  @Test
  void aStoreThatIsAwayIsWaitedForOutsideTheWindow() {
    // Given
    Watched holding = take(1, request("life-25", "hold five").build());
    awaitBeginning(holding, "hold five");
    s3.stop();

    // When
    model.release("hold five");
    await().atMost(PATIENCE).until(() -> reports.seen.contains("retrying storage"));
    s3.start();

    // Then
    assertThat(end(holding)).isEqualTo("completed");
    assertThat(completed(holding).getAttempt()).isEqualTo(1);
    assertThat(markings).hasValue(1);
  }
}
