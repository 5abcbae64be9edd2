package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisCancelled;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.streams.Emission;
import dev.utter.worker.streams.RecordHandler;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Remembers cancellations, so that one which overtakes its request still holds. A request that was
 * admitted before is cancelled by the stage that has it.
 */
final class CancellationHandler implements RecordHandler {
  private final Placement placement;
  private final RequestEntries entries;
  private final EventDeserializer<SynthesisCancelled> deserializer;
  private final Clock clock;
  private final AdmissionListener listener;

  CancellationHandler(
      Placement placement,
      RequestEntries entries,
      EventDeserializer<SynthesisCancelled> deserializer,
      Clock clock,
      AdmissionListener listener) {
    this.placement = requireNonNull(placement, "placement is null");
    this.entries = requireNonNull(entries, "entries is null");
    this.deserializer = requireNonNull(deserializer, "deserializer is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> context) {
    placement.open(context);
    entries.openAndExpire(context);
  }

  @Override
  public List<Emission> handle(Record<byte[], byte[]> record) {
    SynthesisCancelled cancelled =
        deserializer.deserialize(Topics.CANCELLATIONS, record.headers(), record.value());
    String id = cancelled.getRequestId();
    if (!RequestIds.isValid(id)) {
      throw new UndecodableRecordException(
          "requestId is " + Excerpt.of(id) + ": it " + RequestIds.RULE);
    }
    Placement.requireOwnKey(record, id);
    Optional<Emission> forward = placement.forward(record);
    if (forward.isPresent()) {
      listener.forwarded(Topics.CANCELLATIONS);
      return List.of(forward.get());
    }
    RequestEntry entry =
        entries.get(id).orElseGet(() -> new RequestEntry(Optional.empty(), clock.instant(), false));
    if (!entry.cancelled()) {
      entries.put(id, entry.withCancellation());
    }
    return List.of();
  }
}
