package dev.utter.worker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectLocation;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;

/**
 * Proves that a bucket works as the worker needs, with one small object that stays in the bucket.
 * So no permission to delete is needed, and workers that start at the same time do not conflict.
 */
final class BucketProof {
  static final String FOLDER = ".utter-probe/";
  private static final String WRITTEN = FOLDER + "conditional-put";
  private static final String ABSENT = FOLDER + "absent";

  private final ObjectStore store;

  BucketProof(ObjectStore store) {
    this.store = store;
  }

  static boolean isProbe(ObjectLocation location) {
    return location.key().startsWith(FOLDER);
  }

  /**
   * Proves that objects of a bucket can be read, and that a missing one is reported as missing.
   *
   * @throws StorageMisconfiguredException if not, with what to correct
   * @throws StorageUnavailableException if the store does not answer
   */
  void reading(String bucket) {
    guarded(
        bucket,
        () -> {
          read(bucket, WRITTEN);
          read(bucket, ABSENT);
        });
  }

  /**
   * Proves reading, and that the second of two conditional puts is refused and changes nothing.
   *
   * @throws StorageMisconfiguredException if not, with what to correct
   * @throws StorageUnavailableException if the store does not answer
   */
  void writing(String bucket) {
    reading(bucket);
    guarded(bucket, () -> puttingConditionally(bucket));
  }

  private void puttingConditionally(String bucket) {
    put(bucket);
    byte[] before = read(bucket, WRITTEN);
    // The object may have been deleted since; not twice, though.
    boolean written = put(bucket);
    boolean overwritten = written && put(bucket);
    if (overwritten || !Arrays.equals(before, read(bucket, WRITTEN))) {
      throw new StorageMisconfiguredException(
          "bucket \""
              + bucket
              + "\": the store overwrites an object although the put says If-None-Match: *; use a"
              + " store that supports conditional puts",
          null);
    }
  }

  private boolean put(String bucket) {
    return store
        .putIfAbsent(
            ObjectLocation.newest(bucket, WRITTEN),
            ("Utter checks here that nothing is overwritten. " + UUID.randomUUID()).getBytes(UTF_8),
            "text/plain",
            Map.of())
        .created();
  }

  /** The content; none if the object is missing. */
  private byte[] read(String bucket, String key) {
    try {
      return store.read(ObjectLocation.newest(bucket, key));
    } catch (ObjectNotFoundException e) {
      return new byte[0];
    }
  }

  /** A failure with a bucket of the settings is a misconfiguration, and no fact about a request. */
  private static void guarded(String bucket, Runnable steps) {
    try {
      steps.run();
    } catch (UnusableObjectException e) {
      throw new StorageMisconfiguredException(
          "bucket \"" + bucket + "\" cannot be used: " + e.getMessage(), e);
    }
  }
}
