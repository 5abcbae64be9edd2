package dev.utter.worker.models;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import java.time.Duration;

/**
 * Tries again when the store does not answer: after 1, 2, 4, 8 and 16 s, and never a sixth time
 * without progress.
 */
final class StoreRetry {
  private static final int MAX_FAILURES = 6;

  /** Waits. */
  @FunctionalInterface
  interface Waiting {
    void await(Duration duration) throws InterruptedException;
  }

  private final Waiting waiting;
  private final FetchListener listener;
  private int failures;

  StoreRetry(Waiting waiting, FetchListener listener) {
    this.waiting = waiting;
    this.listener = listener;
  }

  /** Runs until it succeeds or has failed too often. */
  void run(Runnable attempt) {
    while (true) {
      try {
        attempt.run();
        return;
      } catch (StorageMisconfiguredException e) {
        throw e;
      } catch (StorageUnavailableException e) {
        failed(e);
      }
    }
  }

  /** Bytes arrived: earlier failures no longer count. */
  void progressed() {
    failures = 0;
  }

  private void failed(StorageUnavailableException failure) {
    failures++;
    if (failures >= MAX_FAILURES) {
      throw failure;
    }
    Duration wait = Duration.ofSeconds(1L << (failures - 1));
    listener.retries(String.valueOf(failure.getMessage()), wait);
    try {
      waiting.await(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
