package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.GuardedProcessor;
import dev.utter.worker.streams.KeyPartitioner;
import dev.utter.worker.streams.Stage;
import dev.utter.worker.streams.commit.AfterCommit;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;

/**
 * The admission topology: {@code utter.requests} and {@code utter.cancellations} in; the lanes,
 * {@code utter.failed} and {@code utter.dead-letters} out. The two inputs share their entries by
 * partition, so they must have the same number of partitions and be keyed by request id. A record
 * in the wrong partition for its key is published to its topic again, in the right one.
 *
 * <p>Requests of publishers with limits pass through {@code utter.limits}, whose key is the
 * publisher. The topology has this part even without limits, so that all workers of a group have
 * the same topology while settings change.
 */
public final class AdmissionStage implements Stage {
  /** Its name. */
  public static final String NAME = "admission";

  /** Topics it reads. */
  public static final List<String> INPUTS =
      List.of(Topics.REQUESTS, Topics.CANCELLATIONS, Topics.LIMITS);

  /** Topics it writes. */
  public static final List<String> OUTPUTS =
      List.of(
          Topics.WORK_INTERACTIVE,
          Topics.WORK_NORMAL,
          Topics.WORK_BULK,
          Topics.FAILED,
          Topics.DEAD_LETTERS,
          Topics.REQUESTS,
          Topics.CANCELLATIONS,
          Topics.LIMITS);

  /** Name of its store of request ids. */
  public static final String STORE = RequestEntries.STORE;

  /** Name of its store of the publishers' usage. */
  public static final String PUBLISHER_STORE = PublisherUsages.STORE;

  private static final String REQUESTS = "requests";
  private static final String CANCELLATIONS = "cancellations";
  private static final String ADMIT = "admit";
  private static final String CANCEL = "cancel";
  private static final String COUNTED = "counted";
  private static final String LIMIT = "limit";

  private final AdmissionSettings settings;
  private final AccessRules access;
  private final PublisherSettings publishers;
  private final int partitions;
  private final EventDeserializer<SynthesisRequested> requests;
  private final EventDeserializer<SynthesisCancelled> cancellations;
  private final EventSerializer serializer;
  private final CloudEvents cloudEvents;
  private final Guard guard;
  private final Clock clock;
  private final AdmissionListener listener;

  /**
   * The stage, ready to be built into a topology.
   *
   * @param access objects that requests may name
   * @param partitions of each of the inputs
   * @param registryProperties Confluent's configuration keys
   */
  public AdmissionStage(
      AdmissionSettings settings,
      AccessSettings access,
      PublisherSettings publishers,
      int partitions,
      Map<String, ?> registryProperties,
      CloudEvents cloudEvents,
      Guard guard,
      Clock clock,
      AdmissionListener listener) {
    this.settings = requireNonNull(settings, "settings is null");
    this.access = new AccessRules(access);
    this.publishers = requireNonNull(publishers, "publishers is null");
    this.partitions = partitions;
    this.cloudEvents = requireNonNull(cloudEvents, "cloudEvents is null");
    this.guard = requireNonNull(guard, "guard is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
    requests = new EventDeserializer<>(SynthesisRequested.class, registryProperties);
    cancellations = new EventDeserializer<>(SynthesisCancelled.class, registryProperties);
    serializer = new EventSerializer(registryProperties);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> inputs() {
    return INPUTS;
  }

  @Override
  public List<String> outputs() {
    return OUTPUTS;
  }

  @Override
  public List<String> equallyPartitioned() {
    return inputs();
  }

  @Override
  public Topology topology() {
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    ByteArraySerializer out = new ByteArraySerializer();
    KeyPartitioner byKey = new KeyPartitioner();
    Topology topology =
        new Topology()
            .addSource(REQUESTS, in, in, Topics.REQUESTS)
            .addSource(CANCELLATIONS, in, in, Topics.CANCELLATIONS)
            .addProcessor(ADMIT, this::admit, REQUESTS)
            .addProcessor(CANCEL, this::cancel, CANCELLATIONS)
            .addStateStore(RequestEntries.store(), ADMIT, CANCEL)
            .addSource(COUNTED, in, in, Topics.LIMITS)
            .addProcessor(LIMIT, this::limit, COUNTED)
            .addStateStore(PublisherUsages.store(), LIMIT)
            .addSink(Topics.LIMITS, Topics.LIMITS, out, out, byKey, ADMIT)
            .addSink(Topics.FAILED, Topics.FAILED, out, out, byKey, ADMIT, LIMIT)
            .addSink(Topics.REQUESTS, Topics.REQUESTS, out, out, byKey, ADMIT)
            .addSink(Topics.CANCELLATIONS, Topics.CANCELLATIONS, out, out, byKey, CANCEL)
            .addSink(
                GuardedProcessor.DEAD_LETTERS, Topics.DEAD_LETTERS, out, out, ADMIT, CANCEL, LIMIT);
    for (String lane : Topics.lanes()) {
      topology.addSink(lane, lane, out, out, byKey, ADMIT, LIMIT);
    }
    return topology;
  }

  private GuardedProcessor admit() {
    AfterCommit afterCommit = new AfterCommit();
    return new GuardedProcessor(
        new RequestHandler(
            publishers,
            new RequestRules(settings, access),
            new Placement(Topics.REQUESTS, partitions),
            guard.limits(),
            entries(),
            requests,
            new Refusals(serializer, cloudEvents, clock),
            clock,
            new CountedAdmission(listener, afterCommit)),
        guard,
        listener,
        afterCommit);
  }

  private GuardedProcessor cancel() {
    AfterCommit afterCommit = new AfterCommit();
    return new GuardedProcessor(
        new CancellationHandler(
            new PublisherKey(publishers.header()),
            new Placement(Topics.CANCELLATIONS, partitions),
            entries(),
            cancellations,
            clock,
            new CountedAdmission(listener, afterCommit)),
        guard,
        listener,
        afterCommit);
  }

  private GuardedProcessor limit() {
    AfterCommit afterCommit = new AfterCommit();
    return new GuardedProcessor(
        new LimitHandler(
            publishers,
            new PublisherUsages(clock),
            requests,
            new Refusals(serializer, cloudEvents, clock),
            clock,
            new CountedAdmission(listener, afterCommit)),
        guard,
        listener,
        afterCommit);
  }

  private RequestEntries entries() {
    return new RequestEntries(settings.retention(), clock);
  }

  @Override
  public void close() {
    requests.close();
    cancellations.close();
    serializer.close();
  }
}
