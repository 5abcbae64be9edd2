package dev.utter.speech.hub.listing;

import java.time.Duration;

/** Follows a download. Called by the thread that downloads. */
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
   * @param bytes their number; negative where bytes of this file turned out useless
   */
  default void received(long bytes) {}

  /** A file is complete; without {@link #begins} if another download completed it. */
  default void finished(HubFile file) {}

  /** Another download of the same file is waited for. */
  default void waits(HubFile file) {}

  /** Something failed that may pass, and is tried again. */
  default void retries(String reason, Duration wait) {}
}
