package dev.utter.worker.synthesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.host.LoopbackPorts;
import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.intake.TestingDeliveries.Watched;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.clip.ClipStore;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.event.OutcomeEvents;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.JobStep;
import dev.utter.worker.synthesis.job.StepHealth;
import dev.utter.worker.synthesis.request.Planner;
import dev.utter.worker.trace.TraceSpan;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that end other than by their outcome; with a store that is away, so that they wait. */
class SynthesizerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String ID = "request-1";
  private static EmbeddedSchemaRegistry registry;

  @BeforeAll
  static void startRegistry() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
  }

  @AfterAll
  static void stopRegistry() {
    registry.close();
  }

  private final ShiftedClock clock = new ShiftedClock();
  private final SynthesisSettings settings = SynthesisFixture.synthesis("worker");
  private final Pools pools = new Pools(settings, settings.sizes(1));
  private final List<String> broken = new CopyOnWriteArrayList<>();
  private final List<String> retried = new CopyOnWriteArrayList<>();
  private final AtomicInteger queueReports = new AtomicInteger();
  private final Map<String, Object> properties = Map.of("schema.registry.url", registry.url());
  private final EventSerializer serializer = new EventSerializer(properties);
  private final EventDeserializer<SynthesisRequested> requests =
      new EventDeserializer<>(SynthesisRequested.class, properties);
  private final ObjectStore store =
      ObjectStore.of(
          StorageSettings.defaults(
              URI.create("http://127.0.0.1:" + LoopbackPorts.free()),
              new StorageCredentials("nobody", "nothing")),
          OwnBuckets.written(Set.of(SynthesisFixture.BUCKET)));
  private Synthesizer synthesizer;

  @BeforeEach
  void open() {
    SynthesisListener listener =
        new SynthesisListener() {
          @Override
          public void retrying(String stage, Duration pause) {
            retried.add(stage);
          }

          @Override
          public void queue(int waiting, int generating) {
            queueReports.incrementAndGet();
          }
        };
    TestingSpeechModel model = new TestingSpeechModel(1);
    synthesizer =
        new Synthesizer(
            settings,
            settings.sizes(1),
            1,
            3,
            new JobTools(
                requests,
                new Planner(new AccessRules(settings.access()), TestingSpeechModel.DESCRIPTION),
                new ClipStore(store, SynthesisFixture.PROOF),
                null,
                new Generation(model, new CodesCache(0, SynthesisListener.NONE), listener, clock),
                job -> {},
                new OutcomeEvents(serializer, CloudEvents.OFF, "worker", clock),
                null,
                delivery -> TraceSpan.NONE),
            pools,
            new StepHealth(() -> false, settings.retries().longest(), clock, System::nanoTime),
            why -> broken.add(why.toString()),
            listener,
            clock);
    synthesizer.openWith(SynthesisFixture.cancellations(settings, broken, clock));
  }

  @AfterEach
  void close() {
    pools.close(PATIENCE);
    store.close();
    requests.close();
    serializer.close();
    assertThat(broken).isEmpty();
  }

  @Test
  void aRecordThatWasDroppedWhileItsPreparationWasQueuedIsWorkedOnWhenItComesBack() {
    // Given: threads that are busy, as they are with the records taken before
    CountDownLatch allBusy = new CountDownLatch(settings.contextThreads());
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch others = new CountDownLatch(1);
    for (int i = 0; i < settings.contextThreads(); i++) {
      CountDownLatch end = i == 0 ? first : others;
      preparation(
          Topics.WORK_INTERACTIVE,
          () -> {
            allBusy.countDown();
            awaitCount(end);
          });
    }
    awaitCount(allBusy);
    Watched before = record(7);
    synthesizer.taken(before.delivery());
    before.drop(synthesizer);

    // And: the one thread that becomes free has done the preparation
    CountDownLatch prepared = new CountDownLatch(1);
    preparation(Topics.WORK_BULK, prepared::countDown);
    first.countDown();
    awaitCount(prepared);

    // When
    Watched again = record(7);
    synthesizer.taken(again.delivery());

    // Then
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));
    synthesizer.cancel(ID, PublisherKey.NONE);
    await().atMost(PATIENCE).until(() -> again.outcomes().equals(List.of("cancelled")));
    assertThat(before.outcomes()).isEmpty();
    others.countDown();
  }

  @Test
  void aRequestIsCancelledByItsOwnPublisherOnly() {
    // Given
    Watched owned = record(7);
    owned.delivery().record().headers().add(PublisherKey.HEADER, "a".getBytes(UTF_8));
    synthesizer.taken(owned.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));

    // When
    synthesizer.cancel(ID, "b");
    synthesizer.cancel(ID, PublisherKey.NONE);
    synthesizer.sweep();
    List<String> before = List.copyOf(owned.outcomes());

    // Then
    assertThat(before).isEmpty();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              synthesizer.cancel(ID, "a");
              return owned.outcomes().equals(List.of("cancelled"));
            });
  }

  @Test
  void aRecordThatAnOperatorSkipsEndsThoughItWaitsForTheStore() {
    // Given
    Map<RecordPosition, String> skips = new ConcurrentHashMap<>();
    synthesizer.honour((position, key, value) -> Optional.ofNullable(skips.get(position)));
    Watched stuck = record(7);
    synthesizer.taken(stuck.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));
    synthesizer.sweep();
    assertThat(stuck.outcomes()).isEmpty();

    // When
    skips.put(new RecordPosition(Topics.WORK_NORMAL, 0, 7), "enough");

    // Then
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              synthesizer.sweep();
              return stuck.outcomes().equals(List.of("skipped"));
            });
  }

  @Test
  void aRecordThatIsSkippedBeforeItIsTakenIsNotEvenDecoded() {
    // Given
    synthesizer.honour((position, key, value) -> Optional.of("it ends the process"));
    Watched poison =
        TestingDeliveries.watched(Topics.WORK_NORMAL, 7, ID.getBytes(UTF_8), new byte[] {0, 1});

    // When
    synthesizer.taken(poison.delivery());

    // Then
    await().atMost(PATIENCE).until(() -> poison.outcomes().equals(List.of("skipped")));
    assertThat(retried).isEmpty();
  }

  @Test
  void aFurtherRecordOfARequestIsNotSkippedWhileItsFirstIsUnderWay() {
    // Given
    Watched first = record(7);
    Watched second = record(8);
    synthesizer.taken(first.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));
    synthesizer.taken(second.delivery());
    await().atMost(PATIENCE).until(() -> second.rests() > 0);

    // When
    synthesizer.honour(
        (position, key, value) -> position.offset() == 8 ? Optional.of("") : Optional.empty());
    int rests = second.rests();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              synthesizer.sweep();
              return second.rests() >= rests + 2 || !second.outcomes().isEmpty();
            });

    // Then
    assertThat(second.outcomes()).isEmpty();
  }

  @Test
  void aFurtherRecordOfARequestTakesThePlaceOfOneThatIsDropped() {
    // Given
    Watched first = record(7);
    Watched second = record(8);
    synthesizer.taken(first.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));
    synthesizer.taken(second.delivery());

    // When
    first.drop(synthesizer);

    // Then
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              synthesizer.cancel(ID, PublisherKey.NONE);
              return second.outcomes().equals(List.of("cancelled"));
            });
    assertThat(first.outcomes()).isEmpty();
  }

  @Test
  void aRecordThatIsReadAgainTakesThePlaceOfItsFirstReading() {
    // Given
    Watched first = record(7);
    synthesizer.taken(first.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));

    // When
    Watched again = record(7);
    synthesizer.taken(again.delivery());

    // Then
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              synthesizer.cancel(ID, PublisherKey.NONE);
              return again.outcomes().equals(List.of("cancelled"));
            });
    assertThat(first.outcomes()).isEmpty();
  }

  @Test
  void aFurtherRecordOfARequestThatExpiresHasNoSecondOutcome() {
    // Given
    Instant deadline = clock.instant().plusSeconds(60);
    Watched first = record(7, deadline);
    Watched second = record(8, deadline);
    synthesizer.taken(first.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));
    synthesizer.taken(second.delivery());
    await().atMost(PATIENCE).until(() -> second.rests() > 0);

    // When
    clock.forward(Duration.ofSeconds(61));
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              synthesizer.sweep();
              return first.outcomes().equals(List.of("deadline_exceeded"));
            });
    int rests = second.rests();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              synthesizer.sweep();
              return second.rests() >= rests + 2 || !second.outcomes().isEmpty();
            });

    // Then
    assertThat(second.outcomes()).isEmpty();
    synthesizer.committed(first.delivery());
    await().atMost(PATIENCE).until(() -> second.outcomes().equals(List.of("duplicate")));
  }

  @Test
  void theLengthOfTheQueueIsReportedAtEachSweepAndWhenAJobLeaves() {
    // Given
    Watched record = record(7);
    synthesizer.taken(record.delivery());
    await().atMost(PATIENCE).until(() -> retried.contains("preparation"));
    queueReports.set(0);

    // When
    synthesizer.sweep();

    // Then
    assertThat(queueReports).hasPositiveValue();

    // When
    queueReports.set(0);
    synthesizer.dropped(record.delivery());

    // Then
    assertThat(queueReports).hasPositiveValue();
  }

  /** Something for the threads that prepare records, as urgent as records of this lane are. */
  private void preparation(String lane, Runnable task) {
    Job job = new Job(TestingDeliveries.delivery(lane, 0), Instant.EPOCH);
    pools.of(JobStep.PREPARATION, job).execute(task);
  }

  private Watched record(long offset) {
    return record(offset, null);
  }

  private Watched record(long offset, Instant deadline) {
    SynthesisRequested request =
        SynthesisRig.request(ID, "Hello.")
            .setRequestedAt(Instant.EPOCH)
            .setDeadline(deadline)
            .build();
    return TestingDeliveries.watched(
        Topics.WORK_NORMAL,
        offset,
        ID.getBytes(UTF_8),
        serializer.serialize(Topics.WORK_NORMAL, request));
  }

  private static void awaitCount(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
