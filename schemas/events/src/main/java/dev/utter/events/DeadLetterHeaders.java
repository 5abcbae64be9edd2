package dev.utter.events;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Headers of a record on {@link Topics#DEAD_LETTERS}, all UTF-8 text. Key, value and the original
 * headers are those of the record that nobody could decode or finish.
 */
public final class DeadLetterHeaders {
  /** Topic it came from. */
  public static final String TOPIC = "utter.dead-letter.topic";

  /** Partition it came from, decimal. */
  public static final String PARTITION = "utter.dead-letter.partition";

  /** Offset it had there, decimal. */
  public static final String OFFSET = "utter.dead-letter.offset";

  /** Why it is here. */
  public static final String REASON = "utter.dead-letter.reason";

  private DeadLetterHeaders() {}

  /** The headers of one dead letter, in a fixed order. */
  public static Map<String, byte[]> of(String topic, int partition, long offset, String reason) {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    headers.put(TOPIC, utf8(topic));
    headers.put(PARTITION, utf8(Integer.toString(partition)));
    headers.put(OFFSET, utf8(Long.toString(offset)));
    headers.put(REASON, utf8(reason));
    return headers;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
