package dev.utter.worker.storage;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The buckets that the worker's settings name. The operator has to correct a fault of such a bucket
 * as a whole; no request is at fault.
 *
 * @param written buckets that clips are put into
 * @param read buckets that are read, and perhaps written as well
 */
public record OwnBuckets(Set<String> written, Set<String> read) {

  /** No buckets of the settings: callers choose every bucket. */
  public static final OwnBuckets NONE = new OwnBuckets(Set.of(), Set.of());

  /** Copies. */
  public OwnBuckets {
    written = Set.copyOf(written);
    read = Set.copyOf(read);
  }

  /** Buckets that are written and read. */
  public static OwnBuckets written(Collection<String> buckets) {
    return new OwnBuckets(Set.copyOf(buckets), Set.of());
  }

  /** Buckets that are read only. */
  public static OwnBuckets read(Collection<String> buckets) {
    return new OwnBuckets(Set.of(), Set.copyOf(buckets));
  }

  boolean contains(String bucket) {
    return written.contains(bucket) || read.contains(bucket);
  }

  /** Those that are never written. */
  List<String> onlyRead() {
    return read.stream().filter(bucket -> !written.contains(bucket)).toList();
  }
}
