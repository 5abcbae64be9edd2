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
import dev.utter.events.ContextUtterance;
import dev.utter.events.FinishReason;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.Speech;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.intake.TestingDeliveries.Watched;
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
import dev.utter.worker.trace.RecordedSpan;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * The parts that run a job, on a real store and registry, with a fast model. The test acts as the
 * intake. Pauses are milliseconds.
 */
abstract class JobRig {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final SynthesisSettings.Retries QUICK =
      new SynthesisSettings.Retries(
          Duration.ofMillis(1), Duration.ofMillis(4), Duration.ofMinutes(15));
  private static EmbeddedSchemaRegistry registry;
  static EmbeddedS3 s3;

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
  final SynthesisSettings settings = SynthesisFixture.synthesis("worker-1", QUICK, 1);
  final TestingClock clock = new TestingClock(Instant.parse("2026-01-01T00:00:00Z"));
  final Pools pools = new Pools(settings, settings.sizes(1));
  final Reports reports = new Reports();
  final List<String> broken = new CopyOnWriteArrayList<>();
  private final List<Watched> taken = new ArrayList<>();
  final EventSerializer serializer = new EventSerializer(properties);
  private final EventDeserializer<SynthesisRequested> requests =
      new EventDeserializer<>(SynthesisRequested.class, properties);
  private final EventDeserializer<SynthesisCompleted> completions =
      new EventDeserializer<>(SynthesisCompleted.class, properties);
  private final EventDeserializer<SynthesisFailed> failures =
      new EventDeserializer<>(SynthesisFailed.class, properties);
  final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final StartedEvents startedEvents =
      new StartedEvents(kafka, serializer, "worker-1", clock);
  final ObjectStore store =
      ObjectStore.of(
          StorageSettings.defaults(
              URI.create(s3.endpoint()), new StorageCredentials(s3.accessKey(), s3.secretKey())),
          OwnBuckets.written(Set.of(BUCKET)));
  final TestingSpeechModel model = new TestingSpeechModel(1);
  final AtomicInteger markings = new AtomicInteger();
  final List<RuntimeException> markingFailures = new CopyOnWriteArrayList<>();
  final List<RuntimeException> decodingFailures = new CopyOnWriteArrayList<>();
  final AtomicInteger decodings = new AtomicInteger();

  /** Outcomes that still cannot be built, by a defect of the worker. */
  final AtomicInteger eventFailures = new AtomicInteger();

  final RecordedSpan span = new RecordedSpan("job");
  final StepHealth health =
      new StepHealth(() -> true, settings.retries().longest(), clock, System::nanoTime);

  /** Whether no recording can be decoded for now. */
  volatile boolean decoderBusy;

  /** What happens while a clip is marked. */
  volatile Runnable whileMarking = () -> {};

  /** What happens before a marking fails. */
  volatile Runnable failingMarking = () -> {};

  Recording recording = new Recording(new AudioClip(new float[24_000], 24_000), List.of());
  Synthesizer synthesizer;

  /** What metrics would show. */
  static final class Reports implements SynthesisListener {
    final List<String> seen = new CopyOnWriteArrayList<>();
    final Map<String, Duration> oldest = new ConcurrentHashMap<>();
    volatile Duration oldestJob = Duration.ZERO;
    volatile String queue = "";

    @Override
    public void step(String name, Duration took) {
      seen.add("step " + name);
    }

    @Override
    public void generated(Speech speech, Duration took) {
      seen.add("generated " + speech.codes().frames());
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

  Synthesizer synthesizer() {
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
                    (bytes, options) -> decode(),
                    codes,
                    TestingSpeechModel.DESCRIPTION,
                    new ContextFetcher.Limits(1_000, 2_000)),
                new Generation(model, codes, reports, clock),
                this::mark,
                new OutcomeEvents(serializer, CloudEvents.OFF, "worker-1", new EventClock()),
                startedEvents,
                delivery -> span),
            pools,
            health,
            why -> broken.add(why.getMessage()),
            reports,
            clock);
    Cancellations cancellations = SynthesisFixture.cancellations(settings, broken, clock);
    cancellations.caughtUp().complete(null);
    made.openWith(cancellations);
    return made;
  }

  private final class EventClock extends Clock {
    @Override
    public Instant instant() {
      if (eventFailures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("a defect");
      }
      return clock.instant();
    }

    @Override
    public ZoneId getZone() {
      return clock.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private Recording decode() {
    decodings.incrementAndGet();
    if (decoderBusy) {
      throw new RetryLaterException("no memory for another decoder", null);
    }
    if (!decodingFailures.isEmpty()) {
      throw decodingFailures.remove(0);
    }
    return recording;
  }

  /** A file that says what was spoken, and facts that fit it. */
  private void mark(Job job) {
    markings.incrementAndGet();
    if (!markingFailures.isEmpty()) {
      failingMarking.run();
      throw markingFailures.remove(0);
    }
    whileMarking.run();
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

  Watched take(long offset, SynthesisRequested request) {
    return take(0, offset, request.getRequestId(), serialized(request));
  }

  Watched take(int starts, long offset, String key, byte[] value) {
    Watched watched =
        TestingDeliveries.watched(Topics.WORK_NORMAL, starts, offset, key.getBytes(UTF_8), value);
    return take(watched);
  }

  Watched take(Watched watched) {
    taken.add(watched);
    synthesizer.taken(watched.delivery());
    return watched;
  }

  /** Acts as the intake until the record has an outcome, which it returns. */
  String end(Watched watched) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> !watched.obey(synthesizer).outcomes().isEmpty());
    return watched.outcomes().get(0);
  }

  void awaitBeginning(Watched watched, String text) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              watched.obey(synthesizer);
              return model.beginnings.contains(text);
            });
  }

  SynthesisCompleted completed(Watched watched) {
    ProducerRecord<byte[], byte[]> record = watched.outcome().records().get(0);
    assertThat(record.topic()).isEqualTo(Topics.COMPLETED);
    return completions.deserialize(Topics.COMPLETED, record.value());
  }

  SynthesisFailed failed(Watched watched) {
    ProducerRecord<byte[], byte[]> record = watched.outcome().records().get(0);
    assertThat(record.topic()).isEqualTo(Topics.FAILED);
    return failures.deserialize(Topics.FAILED, record.value());
  }

  static String header(ProducerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "missing" : new String(header.value(), UTF_8);
  }

  void put(String voice) {
    store.putIfAbsent(ObjectLocation.newest(VOICES, voice), new byte[100], "audio/wav", Map.of());
  }

  static SynthesisRequested withContext(String id, String voice) {
    return request(id, "Hello.")
        .setContext(
            List.of(
                new ContextUtterance(0, "As I said.", new ObjectReference(VOICES, voice, null))))
        .build();
  }

  byte[] serialized(SynthesisRequested request) {
    return serializer.serialize(Topics.WORK_NORMAL, request);
  }
}
