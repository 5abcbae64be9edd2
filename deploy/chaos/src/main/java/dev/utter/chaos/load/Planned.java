package dev.utter.chaos.load;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.events.SynthesisRequested;
import java.util.Optional;

/**
 * A record to be published.
 *
 * @param publication kind of record
 * @param key of the record
 * @param request value of the record; empty for a cancellation and for bytes that are not a request
 * @param expected how the request must end
 * @param bound promise about time
 * @param misplaced whether it goes into another partition than that of its key
 * @param timestamp of the record in milliseconds; empty for the present
 */
record Planned(
    Publication publication,
    String key,
    Optional<SynthesisRequested> request,
    Expected expected,
    Bound bound,
    boolean misplaced,
    Optional<Long> timestamp) {

  static Planned request(SynthesisRequested request, Expected expected, Bound bound) {
    return new Planned(
        Publication.REQUEST,
        request.getRequestId(),
        Optional.of(request),
        expected,
        bound,
        false,
        Optional.empty());
  }

  static Planned other(Publication publication, SynthesisRequested request) {
    return new Planned(
        publication,
        request.getRequestId(),
        Optional.of(request),
        Expected.NOTHING,
        Bound.NONE,
        publication == Publication.MISPLACED,
        Optional.empty());
  }

  static Planned cancellation(String id, Optional<Long> timestamp) {
    return new Planned(
        Publication.CANCELLATION,
        id,
        Optional.empty(),
        Expected.NOTHING,
        Bound.NONE,
        false,
        timestamp);
  }

  Planned under(String otherKey, Publication kind, Expected end) {
    return new Planned(kind, otherKey, request, end, bound, misplaced, timestamp);
  }

  Planned at(long millis) {
    return new Planned(publication, key, request, expected, bound, misplaced, Optional.of(millis));
  }
}
