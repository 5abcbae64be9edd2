package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import java.time.Duration;

/**
 * When to try again: after 1, 2, 4, 8 and 16 seconds, or as long as the server asks for, and never
 * a sixth time without progress.
 */
final class Patience {

  /** Waits. */
  interface Pause {
    void pause(Duration duration) throws InterruptedException;
  }

  private static final int MAX_FAILURES = 6;
  private static final Duration MAX_WAIT = Duration.ofMinutes(5);

  private final Pause pause;
  private final FetchListener listener;
  private int failures;

  Patience(Pause pause, FetchListener listener) {
    this.pause = pause;
    this.listener = listener;
  }

  /** Bytes arrived: earlier failures no longer count. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @throws HubException if there is none
   */
  void failed(TransferException failure) {
    failures++;
    Duration wait = failure.askedWait().orElseGet(() -> Duration.ofSeconds(1L << (failures - 1)));
    if (failures >= MAX_FAILURES) {
      throw new HubException(
          failure.getMessage() + "; given up after " + failures + " attempts", failure);
    }
    if (wait.compareTo(MAX_WAIT) > 0) {
      throw new HubException(
          failure.getMessage() + "; the server asks to wait " + wait.toSeconds() + " s", failure);
    }
    listener.retries(String.valueOf(failure.getMessage()), wait);
    try {
      pause.pause(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubException("interrupted while waiting for the hub", e);
    }
  }
}
