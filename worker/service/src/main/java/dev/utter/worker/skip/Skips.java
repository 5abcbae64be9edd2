package dev.utter.worker.skip;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The records that one stage is to skip. Thread-safe; returns at once. */
@FunctionalInterface
public interface Skips {
  /** No record is skipped. */
  Skips NONE = (position, key, value) -> Optional.empty();

  /**
   * Whether a record is to be skipped.
   *
   * @return the operator's note, which may be empty text; empty if the record is not to be skipped
   */
  Optional<String> note(RecordPosition position, byte @Nullable [] key, byte @Nullable [] value);
}
