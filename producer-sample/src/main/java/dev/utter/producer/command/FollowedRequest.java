package dev.utter.producer.command;

import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.client.ResultFollower;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One request whose results are followed, with its progress printed. */
final class FollowedRequest {
  private final String id;
  private final ResultPrinter printer;
  private final CompletableFuture<RequestProgress> result;

  /** Written by the thread of the {@link ResultFollower}. */
  private volatile RequestProgress latest;

  FollowedRequest(String id, ResultFollower follower, ResultPrinter printer) {
    this.id = id;
    this.printer = printer;
    latest = RequestProgress.of(id);
    result = follower.follow(id, this::changed);
  }

  /**
   * Waits for the last result.
   *
   * @param deadlineNanos until when, by {@link System#nanoTime}
   */
  RequestProgress await(long deadlineNanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return result.get(millisTo(deadlineNanos), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // A refused record has its answer. The request that took the id may have ended before it was
      // followed.
      if (latest.refused().isPresent()) {
        return latest;
      }
      throw new TimeoutException("no outcome of request " + id + " within --timeout");
    }
  }

  /** Milliseconds until a deadline; 0 if it is past. */
  static long millisTo(long deadlineNanos) {
    return Math.max(0, Duration.ofNanos(deadlineNanos - System.nanoTime()).toMillis());
  }

  private void changed(RequestProgress progress) {
    boolean refusedNow = latest.refused().isEmpty() && progress.refused().isPresent();
    latest = progress;
    if (refusedNow) {
      printer.refused(id, progress.refused().get());
    } else {
      printer.progress(progress);
    }
  }
}
