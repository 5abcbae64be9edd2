package dev.utter.worker.erasure;

import static java.util.Objects.requireNonNull;

import dev.utter.events.RequestState;
import java.util.ArrayList;
import java.util.List;

/**
 * Result of an erasure.
 *
 * @param requestId the request
 * @param removed what was removed
 * @param failed what could not be removed this time, and why
 * @param stays what cannot be removed, and how long it stays
 */
public record ErasureReport(
    String requestId, List<String> removed, List<String> failed, List<String> stays) {
  /** Copies the lists. */
  public ErasureReport {
    requireNonNull(requestId, "requestId is null");
    removed = List.copyOf(removed);
    failed = List.copyOf(failed);
    stays = List.copyOf(stays);
  }

  /** Whether everything that can be removed is gone. */
  public boolean isDone() {
    return failed.isEmpty();
  }

  /** A report that is being written. */
  static final class Builder {
    private final String requestId;
    private final List<String> removed = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> stays = new ArrayList<>();

    Builder(String requestId) {
      this.requestId = requestId;
    }

    void removed(String what) {
      removed.add(what);
    }

    void failed(String what) {
      failed.add(what);
    }

    void stays(String what) {
      stays.add(what);
    }

    ErasureReport unfinished(RequestState state) {
      failed(
          "nothing is removed: the request is " + state + "; cancel it, or wait for its outcome");
      return build();
    }

    ErasureReport unknown() {
      failed("no status row and no completed event have this id");
      return build();
    }

    ErasureReport build() {
      return new ErasureReport(requestId, removed, failed, stays);
    }
  }
}
