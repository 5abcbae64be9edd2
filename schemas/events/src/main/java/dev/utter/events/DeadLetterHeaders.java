package dev.utter.events;

/**
 * Headers of a record on {@link Topics#DEAD_LETTERS}, all UTF-8 text. Key, value and the original
 * headers are those of the record that nobody could decode or finish.
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

  private DeadLetterHeaders() {}
}
