package dev.utter.worker.storage.object;

import java.util.Map;
import java.util.Optional;

/**
 * What the store says about an object.
 *
 * @param size size in bytes
 * @param etag entity tag without quotes; changes whenever the content does
 * @param versionId version, where the bucket keeps versions
 * @param mediaType media type
 * @param metadata user metadata, keys in lower case
 */
public record ObjectHead(
    long size,
    String etag,
    Optional<String> versionId,
    String mediaType,
    Map<String, String> metadata) {
  /** Copies the metadata. */
  public ObjectHead {
    metadata = Map.copyOf(metadata);
  }
}
