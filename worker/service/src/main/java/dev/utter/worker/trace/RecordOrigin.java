package dev.utter.worker.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.worker.rules.RequestIds;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a record was read from.
 *
 * @param group the group that reads it
 * @param requestId id of the request it is about; empty if its key is no valid id
 */
public record RecordOrigin(
    String topic, int partition, long offset, String group, Optional<String> requestId) {

  /** The request id that is the key of a record; empty if the key is no valid id. */
  public static Optional<String> requestId(byte @Nullable [] key) {
    return key == null || key.length > RequestIds.MAX_CHARS
        ? Optional.empty()
        : Optional.of(new String(key, UTF_8)).filter(RequestIds::isValid);
  }
}
