package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.skip.SkippedException;
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
 * <p>One id has one content and one outcome. The first record of an id takes the id, well-formed or
 * not. The same content again is dropped. Another content fails with DUPLICATE_ID, and so does any
 * content of another publisher. A record whose key is not its request id, or whose publisher cannot
 * be determined, is a dead letter without an event: its publisher has no right to that id. If the
 * first record of an id became a dead letter, a record that an operator published again is handled
 * as the first one. A record in the wrong partition for its key is forwarded first. If its
 * publisher has limits, a valid request goes on to be counted.
 */
final class RequestHandler implements RecordHandler {
  /** Well below the broker's limit of 1 MB, so that a lane accepts every admitted record. */
  static final int MAX_RECORD_BYTES = 768 * 1024;

  private final PublisherKey publishers;
  private final PublisherSettings publisherSettings;
  private final RequestRules rules;
  private final Placement placement;
  private final TopicLimits limits;
  private final RequestEntries entries;
  private final EventDeserializer<SynthesisRequested> deserializer;
  private final Refusals refusals;
  private final Clock clock;
  private final AdmissionListener listener;

  RequestHandler(
      PublisherSettings publishers,
      RequestRules rules,
      Placement placement,
      TopicLimits limits,
      RequestEntries entries,
      EventDeserializer<SynthesisRequested> deserializer,
      Refusals refusals,
      Clock clock,
      AdmissionListener listener) {
    this.publishers = new PublisherKey(publishers.header());
    publisherSettings = publishers;
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
    String publisher = publishers.of(record.headers());
    Optional<Emission> forward = placement.forward(record);
    if (forward.isPresent()) {
      listener.forwarded(Topics.REQUESTS);
      return List.of(forward.get());
    }
    String entryId = RequestIds.safe(id);
    Fingerprint fingerprint = Fingerprint.of(request);
    Optional<RequestEntry> known = entries.get(entryId);
    Optional<Fingerprint> first = known.flatMap(RequestEntry::fingerprint);
    if (first.isPresent() && !mayTryAgain(record, known.get(), publisher)) {
      return known.get().isForeignTo(publisher)
          ? foreign(request)
          : repetition(request, first.get().equals(fingerprint));
    }
    Instant now = clock.instant();
    List<Emission> outcome = outcome(record, publisher, request, known, now);
    take(entryId, publisher, known, fingerprint, now);
    return outcome;
  }

  /** The request fails, which is its outcome, unless it has one already. */
  @Override
  public List<Emission> answer(Record<byte[], byte[]> record, RuntimeException fault) {
    SynthesisRequested request;
    try {
      request = read(record);
    } catch (UndecodableRecordException e) {
      return answerUnreadable(record, e);
    }
    String id = request.getRequestId();
    Optional<String> publisher = publisher(record);
    if (!Placement.isOwnKey(record, id) || publisher.isEmpty() || !placement.isHere(record)) {
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
    takeAsDeadLetter(entryId, publisher.get(), known, fingerprint);
    return answer;
  }

  /**
   * The request in the key fails, unless that id was taken before and so has or gets another
   * outcome. Nothing is decoded, since its schema may be what the record is stuck on. In another
   * partition than that of its key it is not known whether the id was taken, so the record moves
   * there.
   */
  @Override
  public List<Emission> skipped(Record<byte[], byte[]> record, SkippedException why) {
    if (keyAsId(record).isEmpty()) {
      return List.of();
    }
    Optional<Emission> forward = placement.forward(record);
    if (forward.isPresent()) {
      listener.forwarded(Topics.REQUESTS);
      return List.of(forward.get());
    }
    return answerByKey(record, why);
  }

  /**
   * A publisher that forges the header only gets another attempt at one of its requests that failed
   * in this way.
   */
  private static boolean mayTryAgain(
      Record<byte[], byte[]> record, RequestEntry entry, String publisher) {
    return entry.deadLettered()
        && !entry.isForeignTo(publisher)
        && record.headers().lastHeader(DeadLetterHeaders.REDRIVES) != null;
  }

  /** The record's publisher; empty if unknown, which gives the record no right to its id. */
  private Optional<String> publisher(Record<byte[], byte[]> record) {
    try {
      return Optional.of(publishers.of(record.headers()));
    } catch (UndecodableRecordException e) {
      return Optional.empty();
    }
  }

  private SynthesisRequested read(Record<byte[], byte[]> record) {
    return deserializer.deserialize(Topics.REQUESTS, record.headers(), record.value());
  }

  /** A record that cannot be decoded is answered in the partition of its key. */
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

  private List<Emission> answerUnreadable(Record<byte[], byte[]> record, RuntimeException fault) {
    return answerByKey(
        record,
        new RequestFailedException(
            FailureCode.INVALID_REQUEST,
            null,
            "the record cannot be read as a request: " + fault.getMessage(),
            fault));
  }

  /**
   * Only the key of the request is known, and its publisher waits for that id. An id that was taken
   * before has its outcome, or will get it.
   */
  private List<Emission> answerByKey(
      Record<byte[], byte[]> record, RequestFailedException failure) {
    String id = keyAsId(record).orElse(null);
    Optional<String> publisher = publisher(record);
    if (id == null || publisher.isEmpty() || !placement.isHere(record)) {
      return List.of();
    }
    Optional<RequestEntry> known = entries.get(id);
    if (known.flatMap(RequestEntry::fingerprint).isPresent()) {
      return List.of();
    }
    Emission refusal = refusals.refuse(id, failure);
    listener.refused(failure.code());
    takeAsDeadLetter(id, publisher.get(), known, Fingerprint.ofUnreadable(record.value()));
    return List.of(refusal);
  }

  private void take(
      String entryId,
      String publisher,
      Optional<RequestEntry> known,
      Fingerprint fingerprint,
      Instant now) {
    entries.put(
        entryId, known.orElseGet(() -> RequestEntry.seen(now)).takenBy(publisher, fingerprint));
  }

  private void takeAsDeadLetter(
      String entryId, String publisher, Optional<RequestEntry> known, Fingerprint fingerprint) {
    RequestEntry entry = known.orElseGet(() -> RequestEntry.seen(clock.instant()));
    entries.put(entryId, entry.takenBy(publisher, fingerprint).asDeadLetter());
  }

  /** The answer does not depend on the first request, so it reveals nothing about it. */
  private List<Emission> foreign(SynthesisRequested request) {
    listener.foreign(Topics.REQUESTS);
    return refuse(
        request,
        new RequestFailedException(
            FailureCode.DUPLICATE_ID,
            "requestId",
            "requestId is " + Excerpt.of(request.getRequestId()) + ": another publisher has it"));
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
      String publisher,
      SynthesisRequested request,
      Optional<RequestEntry> known,
      Instant now) {
    Record<byte[], byte[]> stamped =
        record.withHeaders(PublisherKey.forLane(record.headers(), publisher));
    try {
      checkId(request.getRequestId());
      checkSize(stamped);
      if (known.map(entry -> entry.isCancelledFor(publisher)).orElse(false)) {
        throw new RequestFailedException(
            FailureCode.CANCELLED, null, "cancelled before it was admitted");
      }
      rules.check(request, now);
    } catch (RequestFailedException e) {
      return refuse(request, e);
    }
    if (publisherSettings.limitsOf(publisher).limited()) {
      return List.of(LimitHandler.count(stamped, publisher));
    }
    listener.admitted(request.getPriority());
    return List.of(
        new Emission(
            Topics.lane(request.getPriority()), stamped.withTimestamp(now.toEpochMilli())));
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
    int limit = Math.min(MAX_RECORD_BYTES, limits.recordBytes(Topics.LIMITS));
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
