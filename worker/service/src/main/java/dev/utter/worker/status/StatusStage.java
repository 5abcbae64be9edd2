package dev.utter.worker.status;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.GuardedProcessor;
import dev.utter.worker.streams.Stage;
import dev.utter.worker.streams.StageListener;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;

/**
 * The status topology: lanes, {@code utter.started}, {@code utter.completed}, {@code utter.failed}
 * and {@code utter.verified} in; {@code utter.status} and {@code utter.dead-letters} out. All
 * inputs meet in one row by request id, so they must have the same number of partitions.
 */
public final class StatusStage implements Stage {
  /** Topics it reads. */
  public static final List<String> INPUTS =
      List.of(
          Topics.WORK_INTERACTIVE,
          Topics.WORK_NORMAL,
          Topics.WORK_BULK,
          Topics.STARTED,
          Topics.COMPLETED,
          Topics.FAILED,
          Topics.VERIFIED);

  /** Topics it writes. */
  public static final List<String> OUTPUTS = List.of(Topics.STATUS, Topics.DEAD_LETTERS);

  /** Name of its store. */
  public static final String STORE = StatusHandler.STORE;

  private static final String EVENTS = "events";
  private static final String APPLY = "apply";

  private final StatusSettings settings;
  private final StatusEvents events;
  private final Guard guard;
  private final Clock clock;
  private final StageListener listener;

  /**
   * The stage, ready to be built into a topology.
   *
   * @param registryProperties Confluent's configuration keys
   */
  public StatusStage(
      StatusSettings settings,
      Map<String, ?> registryProperties,
      Guard guard,
      Clock clock,
      StageListener listener) {
    this.settings = requireNonNull(settings, "settings is null");
    this.guard = requireNonNull(guard, "guard is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
    events = new StatusEvents(registryProperties);
  }

  @Override
  public String name() {
    return "status";
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
    return new Topology()
        .addSource(EVENTS, in, in, inputs().toArray(String[]::new))
        .addProcessor(
            APPLY,
            () -> new GuardedProcessor(new StatusHandler(settings, events, clock), guard, listener),
            EVENTS)
        .addStateStore(StatusHandler.store(), APPLY)
        .addSink(Topics.STATUS, Topics.STATUS, out, out, APPLY)
        .addSink(GuardedProcessor.DEAD_LETTERS, Topics.DEAD_LETTERS, out, out, APPLY);
  }

  @Override
  public void close() {
    events.close();
  }
}
