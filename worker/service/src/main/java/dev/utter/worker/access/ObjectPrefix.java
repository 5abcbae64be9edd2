package dev.utter.worker.access;

import dev.utter.worker.rules.ObjectNames;
import java.util.Optional;

/**
 * All objects of a bucket below a prefix. The prefix is made of whole segments of keys: {@code
 * voices/public} has {@code public/a.wav} and not {@code public-2/a.wav}, nor an object with the
 * key {@code public}. Keys are compared as they are: nothing is decoded, resolved or folded.
 *
 * @param bucket name of the bucket
 * @param prefix start of the keys, without slash at either end; empty for the whole bucket
 */
public record ObjectPrefix(String bucket, String prefix) {
  private static final char SLASH = '/';

  /**
   * Checks both.
   *
   * @throws IllegalArgumentException with the value and the rule
   */
  public ObjectPrefix {
    Optional<String> defect = ObjectNames.bucketDefect(bucket);
    if (defect.isEmpty() && !prefix.isEmpty()) {
      defect = ObjectNames.prefixDefect(prefix);
    }
    if (defect.isPresent()) {
      throw new IllegalArgumentException("\"" + bucket + SLASH + prefix + "\": " + defect.get());
    }
  }

  /**
   * Reads {@code bucket/prefix}, with or without a slash at the end. The whole bucket is written
   * {@code bucket/}, so that it is never meant by accident.
   *
   * @throws IllegalArgumentException with the value and the rule
   */
  public static ObjectPrefix parse(String text) {
    int slash = text.indexOf(SLASH);
    if (slash < 0) {
      throw new IllegalArgumentException(
          "\"%s\": must be bucket/prefix, or %s/ for the whole bucket".formatted(text, text));
    }
    String prefix = text.substring(slash + 1);
    boolean closed = prefix.length() > 1 && prefix.charAt(prefix.length() - 1) == SLASH;
    return new ObjectPrefix(
        text.substring(0, slash), closed ? prefix.substring(0, prefix.length() - 1) : prefix);
  }

  /** Whether this object is below it. */
  boolean hasObject(String otherBucket, String key) {
    return bucket.equals(otherBucket) && (prefix.isEmpty() || key.startsWith(prefix + SLASH));
  }

  /** Whether every object below the other one is below it. */
  boolean hasAll(ObjectPrefix other) {
    return hasObject(other.bucket, other.prefix + SLASH);
  }

  /** As it is written in settings. */
  @Override
  public String toString() {
    return bucket + SLASH + prefix;
  }
}
