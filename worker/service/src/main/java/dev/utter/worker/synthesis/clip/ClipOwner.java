package dev.utter.worker.synthesis.clip;

import java.util.Map;
import java.util.Optional;

/** Finds the request that a clip belongs to. */
public final class ClipOwner {
  static final String REQUEST_ID = "utter-request-id";

  private ClipOwner() {}

  /** The request that an object answers, by its metadata; empty if it is no clip. */
  public static Optional<String> of(Map<String, String> metadata) {
    return Optional.ofNullable(metadata.get(REQUEST_ID));
  }
}
