package dev.utter.chaos.load;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.events.SynthesisRequested;
import java.util.Optional;

/**
 * A record to be published.
 *
 * @param publication what kind
 * @param key of the record
 * @param request its value; empty for a cancellation and for what is no request
 * @param expected how it must end
 * @param bound promise about time
 * @param misplaced whether it goes into a partition that is not its key's
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
