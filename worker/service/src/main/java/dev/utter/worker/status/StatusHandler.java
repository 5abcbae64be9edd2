package dev.utter.worker.status;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Priority;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.streams.Emission;
import dev.utter.worker.streams.RecordHandler;
import dev.utter.worker.streams.store.StoreSweep;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies one event to its row; the store and the topic hold the same bytes. */
final class StatusHandler implements RecordHandler {
  static final String STORE = "status";

  private static final Logger LOGGER = LoggerFactory.getLogger(StatusHandler.class);

  private final StatusSettings settings;
  private final StatusEvents events;
  private final Clock clock;

  @SuppressWarnings("NullAway.Init") // open() sets it.
  private ProcessorContext<byte[], byte[]> context;

  @SuppressWarnings("NullAway.Init") // open() sets it.
  private KeyValueStore<String, byte[]> store;

  StatusHandler(StatusSettings settings, StatusEvents events, Clock clock) {
    this.settings = requireNonNull(settings, "settings is null");
    this.events = requireNonNull(events, "events is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  static StoreBuilder<KeyValueStore<String, byte[]>> store() {
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray());
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    store = processorContext.getStateStore(STORE);
    StoreSweep sweep = new StoreSweep(store, this::isExpired, this::emitTombstone);
    processorContext.schedule(
        StoreSweep.INTERVAL, PunctuationType.WALL_CLOCK_TIME, time -> sweep.next());
  }

  @Override
  public List<Emission> handle(Record<byte[], byte[]> record) {
    String topic = context.recordMetadata().orElseThrow().topic();
    return switch (topic) {
      case Topics.WORK_INTERACTIVE -> admitted(record, Priority.INTERACTIVE);
      case Topics.WORK_NORMAL -> admitted(record, Priority.NORMAL);
      case Topics.WORK_BULK -> admitted(record, Priority.BULK);
      case Topics.STARTED -> {
        SynthesisStarted event = events.started(record.value());
        yield save(current(event.getRequestId()).started(event));
      }
      case Topics.COMPLETED -> {
        SynthesisCompleted event = events.completed(record.value());
        yield save(current(event.getRequestId()).completed(event));
      }
      case Topics.FAILED -> {
        SynthesisFailed event = events.failed(record.value());
        yield saveIfChanged(current(event.getRequestId()).failed(event));
      }
      case Topics.VERIFIED -> {
        if (record.value() == null && record.key() != null) {
          yield forgotten(new String(record.key(), StandardCharsets.UTF_8));
        }
        WatermarkVerified event = events.verified(record.value());
        yield saveIfChanged(current(event.getRequestId()).verified(event));
      }
      default -> throw new IllegalStateException("status does not read " + topic);
    };
  }

  /** A tombstone on the topic of verdicts means that an operator erases the request. */
  private List<Emission> forgotten(String id) {
    store.delete(id);
    return List.of(emission(id, null));
  }

  /** The key of a lane's record is its request id; admission ensures this. */
  private List<Emission> admitted(Record<byte[], byte[]> record, Priority lane) {
    if (record.key() == null) {
      throw new UndecodableRecordException("a record without a key in a lane");
    }
    String id = new String(record.key(), StandardCharsets.UTF_8);
    return save(current(id).admitted(lane, Instant.ofEpochMilli(record.timestamp())));
  }

  /** A stored row that cannot be read starts over: the current event is not the cause. */
  private StatusRow current(String id) {
    byte[] bytes = store.get(id);
    if (bytes == null) {
      return StatusRow.empty(id);
    }
    try {
      return StatusRow.of(events.status(bytes));
    } catch (UndecodableRecordException e) {
      LOGGER
          .atWarn()
          .addKeyValue("requestId", id)
          .addKeyValue("error", e.getMessage())
          .log("A stored status row cannot be read and starts over");
      return StatusRow.empty(id);
    }
  }

  private List<Emission> saveIfChanged(Optional<StatusRow> next) {
    return next.map(this::save).orElse(List.of());
  }

  private List<Emission> save(StatusRow next) {
    RequestStatus row = next.row();
    byte[] bytes = events.bytes(row);
    store.put(row.getRequestId(), bytes);
    return List.of(emission(row.getRequestId(), bytes));
  }

  private boolean isExpired(byte[] bytes) {
    Instant oldest = clock.instant().minus(settings.retention());
    return StatusRow.of(events.status(bytes))
        .changedAt()
        .map(changed -> changed.isBefore(oldest))
        .orElse(true);
  }

  private void emitTombstone(String id, byte[] bytes) {
    Emission tombstone = emission(id, null);
    context.forward(tombstone.record(), tombstone.sink());
  }

  private Emission emission(String id, byte @Nullable [] bytes) {
    return new Emission(
        Topics.STATUS, new Record<>(id.getBytes(StandardCharsets.UTF_8), bytes, clock.millis()));
  }
}
