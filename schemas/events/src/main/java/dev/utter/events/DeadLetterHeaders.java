package dev.utter.events;

/**
 * Headers of a record on {@link Topics#DEAD_LETTERS}, all UTF-8 text. Key, value and the original
 * headers are those of the record that nobody could decode or finish.
 *
 * <p>A record there with {@link #HANDLED} is a mark: it says what an operator did with an earlier
 * dead letter of its partition. It has the key of that dead letter and no value.
 */
public final class DeadLetterHeaders {
  /** What the names of all these headers begin with. */
  public static final String PREFIX = "utter.dead-letter.";

  /** Topic it came from. */
  public static final String TOPIC = "utter.dead-letter.topic";

  /** Partition it came from, decimal. */
  public static final String PARTITION = "utter.dead-letter.partition";

  /** Offset it had there, decimal. */
  public static final String OFFSET = "utter.dead-letter.offset";

  /** Timestamp it had there, milliseconds since the epoch, decimal. */
  public static final String TIMESTAMP = "utter.dead-letter.timestamp";

  /** Why it is here, as a short code: {@link #UNDECODABLE}, {@link #FAULT} or a failure code. */
  public static final String REASON = "utter.dead-letter.reason";

  /** Why it is here, for people. */
  public static final String MESSAGE = "utter.dead-letter.message";

  /** Size of a value that was left out because the broker takes no record so large. */
  public static final String OMITTED = "utter.dead-letter.value-omitted";

  /** Reason: its bytes are not the event its topic is for. */
  public static final String UNDECODABLE = "UNDECODABLE";

  /** Reason: it tripped a fault in the worker. */
  public static final String FAULT = "FAULT";

  /** Of a mark: offset of the dead letter on this partition that was handled, decimal. */
  public static final String HANDLED = "utter.dead-letter.handled";

  /** Of a mark: {@link #REDRIVEN} or {@link #DROPPED}. */
  public static final String ACTION = "utter.dead-letter.action";

  /** Action: it was published again to the topic it came from. */
  public static final String REDRIVEN = "REDRIVEN";

  /** Action: nothing is to be done about it any more. */
  public static final String DROPPED = "DROPPED";

  /**
   * Of a record that was published again: how often, decimal. It stays with the record on its way,
   * and is a header of the outcome and of a further dead letter.
   */
  public static final String REDRIVES = "utter.redrives";

  private DeadLetterHeaders() {}
}
