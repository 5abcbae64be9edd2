package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.GuardedProcessor;
import dev.utter.worker.streams.Polls;
import dev.utter.worker.streams.Stage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;

/**
 * The verification topology: {@code utter.completed} and {@code utter.verification-requests} in;
 * {@code utter.verified} and {@code utter.dead-letters} out. Each record is a download and a
 * detection, and the records of one poll share a transaction, so a poll should bring one record.
 */
public final class VerificationStage implements Stage {
  /** Its name. */
  public static final String NAME = "verification";

  /** Topics it reads. */
  public static final List<String> INPUTS = List.of(Topics.COMPLETED, Topics.VERIFICATION_REQUESTS);

  /** Topics it writes. */
  public static final List<String> OUTPUTS = List.of(Topics.VERIFIED, Topics.DEAD_LETTERS);

  /**
   * Its polls. A second record would keep the transaction of the first open. The longest recording,
   * searched at every offset, takes half an hour of computing on two cores, and longer if clips are
   * marked in between.
   */
  public static final Polls POLLS = new Polls(1, Duration.ofDays(1));

  private static final String CLIPS = "clips";
  private static final String CHECK = "check";

  private final VerificationEvents events;
  private final ClipCheck check;
  private final RequestRate rate;
  private final Guard guard;
  private final Clock clock;
  private final VerificationListener listener;

  /**
   * The stage, ready to be built into a topology. The caller closes store, decoder and watermark.
   *
   * @param access objects that may be verified
   * @param registryProperties Confluent's configuration keys
   * @param keys the keys to look for
   */
  public VerificationStage(
      VerificationSettings settings,
      AccessSettings access,
      Map<String, ?> registryProperties,
      ObjectStore store,
      BoundedDecoder decoder,
      AudioWatermark watermark,
      KeyRing keys,
      CloudEvents cloudEvents,
      Guard guard,
      Clock clock,
      VerificationListener listener) {
    this.guard = requireNonNull(guard, "guard is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
    check =
        new ClipCheck(
            settings,
            new AccessRules(access),
            store,
            decoder,
            watermark,
            keys,
            guard.activity(),
            clock);
    rate = new RequestRate(settings.requestsPerMinute(), clock);
    events = new VerificationEvents(registryProperties, cloudEvents);
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
  public Topology topology() {
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    ByteArraySerializer out = new ByteArraySerializer();
    return new Topology()
        .addSource(CLIPS, in, in, inputs().toArray(String[]::new))
        .addProcessor(
            CHECK,
            () ->
                new GuardedProcessor(
                    new VerificationHandler(events, check, rate, clock, listener), guard, listener),
            CLIPS)
        .addSink(Topics.VERIFIED, Topics.VERIFIED, out, out, CHECK)
        .addSink(GuardedProcessor.DEAD_LETTERS, Topics.DEAD_LETTERS, out, out, CHECK);
  }

  @Override
  public void close() {
    events.close();
  }
}
