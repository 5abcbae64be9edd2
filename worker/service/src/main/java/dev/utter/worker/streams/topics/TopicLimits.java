package dev.utter.worker.streams.topics;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The largest record each topic takes. A record that is larger must not be sent: the broker's
 * refusal would end the transaction, now and at every retry.
 *
 * <p>Threading: safe.
 */
public final class TopicLimits {
  private static final Logger LOGGER = LoggerFactory.getLogger(TopicLimits.class);

  /** A little below the limit of a topic by default. */
  private static final int DEFAULT_BYTES = 1_000_000;

  /** Upper bound of what a batch of one record takes beside key, value and headers. */
  private static final int BATCH_OVERHEAD_BYTES = 200;

  private final Supplier<Map<String, Integer>> source;
  private volatile Map<String, Integer> limits;

  /**
   * Limits as they are now.
   *
   * @param source reads {@code max.message.bytes} of each topic; a topic may be missing
   */
  public TopicLimits(Supplier<Map<String, Integer>> source) {
    this.source = requireNonNull(source, "source is null");
    limits = Map.copyOf(source.get());
  }

  /** The limits of topics with Kafka's defaults. */
  public static TopicLimits defaults() {
    return new TopicLimits(Map::of);
  }

  /** Bytes of key, value and headers that a record of the topic may have. */
  public int recordBytes(String topic) {
    Integer limit = limits.get(topic);
    return limit == null ? DEFAULT_BYTES : Math.max(1, limit - BATCH_OVERHEAD_BYTES);
  }

  /** Reads the limits again, after a topic refused a record; keeps the old ones if that fails. */
  public void refresh() {
    try {
      limits = Map.copyOf(source.get());
    } catch (RuntimeException e) {
      LOGGER.atWarn().setCause(e).log("The limits of the topics cannot be read again");
    }
  }
}
