package dev.utter.worker.storage.object;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.rules.UnicodeText;
import java.util.Optional;

/**
 * Where an object is. Accepts any text: the store decides whether it can name an object.
 *
 * @param bucket bucket name
 * @param key object key
 * @param versionId version; the newest if empty
 */
public record ObjectLocation(String bucket, String key, Optional<String> versionId) {
  /** Refuses nulls. */
  public ObjectLocation {
    requireNonNull(bucket, "bucket is null");
    requireNonNull(key, "key is null");
    requireNonNull(versionId, "versionId is null");
  }

  /** The newest version of an object. */
  public static ObjectLocation newest(String bucket, String key) {
    return new ObjectLocation(bucket, key, Optional.empty());
  }

  /**
   * The object as a URL, for messages: {@code s3://bucket/key}, with the version if there is one.
   * Characters of the key that would change how the message looks are escaped.
   */
  @Override
  public String toString() {
    return "s3://"
        + UnicodeText.visible(bucket)
        + "/"
        + UnicodeText.visible(key)
        + versionId.map(id -> "?versionId=" + UnicodeText.visible(id)).orElse("");
  }
}
