package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisCancelled;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.publisher.PublisherKey;
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
 * Remembers cancellations, so that one that arrives before its request takes effect, if both have
 * the same publisher. Synthesis cancels a request that is already admitted. The cancellation of
 * another publisher's request is dropped and counted.
 */
final class CancellationHandler implements RecordHandler {
  private final PublisherKey publishers;
  private final Placement placement;
  private final RequestEntries entries;
  private final EventDeserializer<SynthesisCancelled> deserializer;
  private final Clock clock;
  private final AdmissionListener listener;

  CancellationHandler(
      PublisherKey publishers,
      Placement placement,
      RequestEntries entries,
      EventDeserializer<SynthesisCancelled> deserializer,
      Clock clock,
      AdmissionListener listener) {
    this.publishers = requireNonNull(publishers, "publishers is null");
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
    String publisher = publishers.of(record.headers());
    Optional<Emission> forward = placement.forward(record);
    if (forward.isPresent()) {
      listener.forwarded(Topics.CANCELLATIONS);
      return List.of(forward.get());
    }
    RequestEntry entry = entries.get(id).orElseGet(() -> RequestEntry.seen(clock.instant()));
    if (entry.isForeignTo(publisher)) {
      listener.foreign(Topics.CANCELLATIONS);
    } else if (!entry.isCancelledFor(publisher)) {
      entries.put(id, entry.withCancellation(publisher));
    }
    return List.of();
  }
}
