package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.streams.Emission;
import dev.utter.worker.streams.RecordHandler;
import dev.utter.worker.streams.RecordSize;
import dev.utter.worker.streams.topics.TopicLimits;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Admits or refuses one request.
 *
 * <p>One id has one content and one outcome: the first record of an id takes it, well-formed or
 * not; the same content again is dropped, another content fails as DUPLICATE_ID. A record whose key
 * is not its request id is a dead letter, without an event: its publisher may not speak for that
 * id. A record in another partition than its key's is forwarded there first.
 */
final class RequestHandler implements RecordHandler {
  /** Well below the megabyte a broker takes, so that the lane can take whatever is admitted. */
  static final int MAX_RECORD_BYTES = 768 * 1024;

  private final RequestRules rules;
  private final Placement placement;
  private final TopicLimits limits;
  private final RequestEntries entries;
  private final EventDeserializer<SynthesisRequested> deserializer;
  private final Refusals refusals;
  private final Clock clock;
  private final AdmissionListener listener;

  RequestHandler(
      RequestRules rules,
      Placement placement,
      TopicLimits limits,
      RequestEntries entries,
      EventDeserializer<SynthesisRequested> deserializer,
      Refusals refusals,
      Clock clock,
      AdmissionListener listener) {
    this.rules = requireNonNull(rules, "rules is null");
    this.placement = requireNonNull(placement, "placement is null");
    this.limits = requireNonNull(limits, "limits is null");
    this.entries = requireNonNull(entries, "entries is null");
    this.deserializer = requireNonNull(deserializer, "deserializer is null");
    this.refusals = requireNonNull(refusals, "refusals is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> context) {
    placement.open(context);
    entries.open(context);
  }

  @Override
  public List<Emission> handle(Record<byte[], byte[]> record) {
    SynthesisRequested request;
    try {
      request = read(record);
    } catch (UndecodableRecordException e) {
      return unreadable(record, e);
    }
    String id = request.getRequestId();
    Placement.requireOwnKey(record, id);
    Optional<Emission> forward = placement.forward(record);
    if (forward.isPresent()) {
      listener.forwarded(Topics.REQUESTS);
      return List.of(forward.get());
    }
    String entryId = RequestIds.safe(id);
    Fingerprint fingerprint = Fingerprint.of(request);
    Optional<RequestEntry> known = entries.get(entryId);
    Optional<Fingerprint> first = known.flatMap(RequestEntry::fingerprint);
    if (first.isPresent()) {
      return repetition(request, first.get().equals(fingerprint));
    }
    Instant now = clock.instant();
    List<Emission> outcome = outcome(record, request, known, now);
    take(entryId, known, fingerprint, now);
    return outcome;
  }

  /** The request fails, and with that has its outcome, unless it has one already. */
  @Override
  public List<Emission> answer(Record<byte[], byte[]> record, RuntimeException fault) {
    SynthesisRequested request;
    try {
      request = read(record);
    } catch (UndecodableRecordException e) {
      return answerUnreadable(record, e);
    }
    String id = request.getRequestId();
    if (!Placement.isOwnKey(record, id) || !placement.isHere(record)) {
      return List.of();
    }
    RequestFailedException failure =
        new RequestFailedException(
            FailureCode.INTERNAL, null, "unexpected error in admission: " + fault, fault);
    String entryId = RequestIds.safe(id);
    Optional<RequestEntry> known = entries.get(entryId);
    if (known.flatMap(RequestEntry::fingerprint).isPresent()) {
      return List.of();
    }
    Fingerprint fingerprint = Fingerprint.of(request);
    List<Emission> answer = refuse(request, failure);
    take(entryId, known, fingerprint, clock.instant());
    return answer;
  }

  private SynthesisRequested read(Record<byte[], byte[]> record) {
    return deserializer.deserialize(Topics.REQUESTS, record.headers(), record.value());
  }

  /** It is answered where its key belongs. */
  private List<Emission> unreadable(
      Record<byte[], byte[]> record, UndecodableRecordException reason) {
    if (keyAsId(record).isEmpty()) {
      throw reason;
    }
    Emission forward = placement.forward(record).orElseThrow(() -> reason);
    listener.forwarded(Topics.REQUESTS);
    return List.of(forward);
  }

  private static Optional<String> keyAsId(Record<byte[], byte[]> record) {
    return Optional.ofNullable(record.key())
        .map(key -> new String(key, StandardCharsets.UTF_8))
        .filter(RequestIds::isValid);
  }

  /**
   * The key is what is left of the request, and its publisher waits for that id. An id that was
   * taken before has its outcome, or will have it.
   */
  private List<Emission> answerUnreadable(Record<byte[], byte[]> record, RuntimeException fault) {
    String id = keyAsId(record).orElse(null);
    if (id == null || !placement.isHere(record)) {
      return List.of();
    }
    Optional<RequestEntry> known = entries.get(id);
    if (known.flatMap(RequestEntry::fingerprint).isPresent()) {
      return List.of();
    }
    RequestFailedException failure =
        new RequestFailedException(
            FailureCode.INVALID_REQUEST,
            null,
            "the record cannot be read as a request: " + fault.getMessage(),
            fault);
    Emission refusal = refusals.refuse(id, failure);
    listener.refused(failure.code());
    take(id, known, Fingerprint.ofUnreadable(record.value()), clock.instant());
    return List.of(refusal);
  }

  private void take(
      String entryId, Optional<RequestEntry> known, Fingerprint fingerprint, Instant now) {
    entries.put(
        entryId,
        known
            .orElseGet(() -> new RequestEntry(Optional.empty(), now, false))
            .withFingerprint(fingerprint));
  }

  private List<Emission> repetition(SynthesisRequested request, boolean sameContent) {
    if (sameContent) {
      listener.repeated();
      return List.of();
    }
    return refuse(
        request,
        new RequestFailedException(
            FailureCode.DUPLICATE_ID,
            "requestId",
            "requestId is "
                + Excerpt.of(request.getRequestId())
                + ": it was used before with another content"));
  }

  private List<Emission> outcome(
      Record<byte[], byte[]> record,
      SynthesisRequested request,
      Optional<RequestEntry> known,
      Instant now) {
    try {
      checkId(request.getRequestId());
      checkSize(record);
      if (known.map(RequestEntry::cancelled).orElse(false)) {
        throw new RequestFailedException(
            FailureCode.CANCELLED, null, "cancelled before it was admitted");
      }
      rules.check(request, now);
    } catch (RequestFailedException e) {
      return refuse(request, e);
    }
    listener.admitted(request.getPriority());
    return List.of(
        new Emission(Topics.lane(request.getPriority()), record.withTimestamp(now.toEpochMilli())));
  }

  private List<Emission> refuse(SynthesisRequested request, RequestFailedException failure) {
    Emission refusal = refusals.refuse(request, failure);
    listener.refused(failure.code());
    return List.of(refusal);
  }

  private static void checkId(String id) {
    if (!RequestIds.isValid(id)) {
      throw new RequestFailedException(
          FailureCode.INVALID_REQUEST,
          "requestId",
          "requestId is " + Excerpt.of(id) + ": it " + RequestIds.RULE);
    }
  }

  private void checkSize(Record<byte[], byte[]> record) {
    long bytes = RecordSize.of(record);
    int limit = MAX_RECORD_BYTES;
    for (String lane : Topics.lanes()) {
      limit = Math.min(limit, limits.recordBytes(lane));
    }
    if (bytes > limit) {
      throw new RequestFailedException(
          FailureCode.INVALID_REQUEST,
          null,
          "the record is " + bytes + " bytes with its headers: at most " + limit);
    }
  }
}
