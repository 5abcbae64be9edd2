package dev.utter.events;

/**
 * Headers of a record on {@link Topics#DEAD_LETTERS}, all UTF-8 text. Key, value and the original
 * headers are those of the record that could not be decoded or finished.
 *
 * <p>A record there with {@link #HANDLED} is a mark: it says what an operator did with an earlier
 * dead letter of its partition. It has the key of that dead letter and no value.
 */
public final class DeadLetterHeaders {
  /** Prefix of the names of these headers. */
  public static final String PREFIX = "utter.dead-letter.";

  /** Topic that the record came from. */
  public static final String TOPIC = "utter.dead-letter.topic";

  /** Partition that the record came from, decimal. */
  public static final String PARTITION = "utter.dead-letter.partition";

  /** Offset of the record in that partition, decimal. */
  public static final String OFFSET = "utter.dead-letter.offset";

  /** Timestamp of the record, milliseconds since the epoch, decimal. */
  public static final String TIMESTAMP = "utter.dead-letter.timestamp";

  /**
   * Why the record is a dead letter, as a short code: {@link #UNDECODABLE}, {@link #FAULT}, {@link
   * #SKIPPED} or a failure code.
   */
  public static final String REASON = "utter.dead-letter.reason";

  /** Why the record is a dead letter, as text for people. */
  public static final String MESSAGE = "utter.dead-letter.message";

  /**
   * Size of a value that was left out because the broker does not take a record of this size, for
   * example {@code 2000000 bytes}.
   */
  public static final String OMITTED = "utter.dead-letter.value-omitted";

  /** Reason: its bytes are not an event of its topic. */
  public static final String UNDECODABLE = "UNDECODABLE";

  /** Reason: processing it failed with an unexpected error in the worker. */
  public static final String FAULT = "FAULT";

  /** Reason: an operator had the stage skip it. */
  public static final String SKIPPED = "SKIPPED_BY_OPERATOR";

  /** Of a mark: offset of the dead letter on this partition that was handled, decimal. */
  public static final String HANDLED = "utter.dead-letter.handled";

  /** Of a mark: {@link #REDRIVEN} or {@link #DROPPED}. */
  public static final String ACTION = "utter.dead-letter.action";

  /** Action: the record was published again to the topic that it came from. */
  public static final String REDRIVEN = "REDRIVEN";

  /** Action: an operator decided that nothing is to be done about the record. */
  public static final String DROPPED = "DROPPED";

  /**
   * Of a record that was published again: how many times, decimal. The record keeps this header on
   * its way. Its outcome, or a further dead letter, has it too.
   */
  public static final String REDRIVES = "utter.redrives";

  private DeadLetterHeaders() {}
}
