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
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Remembers cancellations, so that one which overtakes its request still holds. A request that was
 * admitted before is cancelled by the stage that has it.
 */
final class CancellationHandler implements RecordHandler {
  private final RequestEntries entries;
  private final EventDeserializer<SynthesisCancelled> deserializer;
  private final Clock clock;

  CancellationHandler(
      RequestEntries entries, EventDeserializer<SynthesisCancelled> deserializer, Clock clock) {
    this.entries = requireNonNull(entries, "entries is null");
    this.deserializer = requireNonNull(deserializer, "deserializer is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> context) {
    entries.openAndExpire(context);
  }

  @Override
  public List<Emission> handle(Record<byte[], byte[]> record) {
    SynthesisCancelled cancelled = deserializer.deserialize(Topics.CANCELLATIONS, record.value());
    String id = cancelled.getRequestId();
    if (!RequestIds.isValid(id)) {
      throw new UndecodableRecordException(
          "requestId is " + Excerpt.of(id) + ": it " + RequestIds.RULE);
    }
    if (!Arrays.equals(record.key(), id.getBytes(StandardCharsets.UTF_8))) {
      throw new UndecodableRecordException("the record's key is not the requestId " + id);
    }
    RequestEntry entry =
        entries.get(id).orElseGet(() -> new RequestEntry(Optional.empty(), clock.instant(), false));
    if (!entry.cancelled()) {
      entries.put(id, entry.withCancellation());
    }
    return List.of();
  }
}
