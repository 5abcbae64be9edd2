package dev.utter.speech.hub.listing;

import java.time.Duration;

/** Follows a download, or a transfer to a store. Called by the thread that does it. */
public interface FetchListener {

  /** Shows nothing. */
  FetchListener SILENT = new FetchListener() {};

  /**
   * A file is being downloaded.
   *
   * @param from bytes of it that an earlier download left
   */
  default void begins(HubFile file, long from) {}

  /**
   * Bytes arrived.
   *
   * @param bytes their number; negative if bytes of this file that were reported before are
   *     discarded
   */
  default void received(long bytes) {}

  /** A file is complete; without {@link #begins} if another download completed it. */
  default void finished(HubFile file) {}

  /** Another download of the same file is waited for. */
  default void waits(HubFile file) {}

  /** An attempt failed for a reason that may pass. It is retried. */
  default void retries(String reason, Duration wait) {}
}
