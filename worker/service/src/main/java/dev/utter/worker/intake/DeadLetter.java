package dev.utter.worker.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.worker.failure.WorkerBrokenException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * A record that could not be decoded or finished: key, value and headers byte for byte, except for
 * headers with the names of {@link DeadLetterHeaders}, which give its origin and the reason.
 */
public final class DeadLetter {
  /** Header: topic the record came from. */
  public static final String TOPIC = DeadLetterHeaders.TOPIC;

  /** Header: its partition, decimal. */
  public static final String PARTITION = DeadLetterHeaders.PARTITION;

  /** Header: its offset, decimal. */
  public static final String OFFSET = DeadLetterHeaders.OFFSET;

  /** Header: its timestamp, milliseconds since the epoch, decimal. */
  public static final String TIMESTAMP = DeadLetterHeaders.TIMESTAMP;

  /** Header: short code of the reason. */
  public static final String REASON = DeadLetterHeaders.REASON;

  /** Header: the reason as text. */
  public static final String MESSAGE = DeadLetterHeaders.MESSAGE;

  /** Header: size of a value that was left out because of the broker's record limit. */
  public static final String OMITTED = DeadLetterHeaders.OMITTED;

  private static final int MAX_MESSAGE = 1000;

  private DeadLetter() {}

  /**
   * The dead letter of a record.
   *
   * @param topic topic to publish to
   * @param record the record as it came
   * @param reason short code, for example {@code UNDECODABLE}
   * @param message the reason as text; cut at 1000 characters
   */
  public static ProducerRecord<byte[], byte[]> of(
      String topic, ConsumerRecord<byte[], byte[]> record, String reason, String message) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic, null, record.key(), record.value());
    Headers headers = letter.headers();
    for (Header header : record.headers()) {
      // The publisher of the record must not be able to forge its origin.
      if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        headers.add(header);
      }
    }
    add(headers, TOPIC, record.topic());
    add(headers, PARTITION, Integer.toString(record.partition()));
    add(headers, OFFSET, Long.toString(record.offset()));
    add(headers, TIMESTAMP, Long.toString(record.timestamp()));
    add(headers, REASON, reason);
    add(headers, MESSAGE, message.substring(0, Math.min(MAX_MESSAGE, message.length())));
    return letter;
  }

  /** Whether the record is a dead letter. */
  static boolean is(ProducerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(REASON) != null;
  }

  /**
   * A dead letter without its value, for one that exceeds the broker's limit, for example because
   * of the added headers. A header has the size of the value. The record can still be read from its
   * original topic, for as long as that keeps it.
   *
   * @throws WorkerBrokenException if the record is no dead letter: an event must not lose its value
   */
  static ProducerRecord<byte[], byte[]> withoutValue(ProducerRecord<byte[], byte[]> letter) {
    int bytes = letter.value() == null ? 0 : letter.value().length;
    if (!is(letter) || bytes == 0) {
      throw new WorkerBrokenException(
          "an outcome of " + bytes + " bytes is too large for topic " + letter.topic());
    }
    ProducerRecord<byte[], byte[]> smaller =
        new ProducerRecord<>(letter.topic(), null, letter.key(), null, letter.headers());
    add(smaller.headers(), OMITTED, bytes + " bytes");
    return smaller;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(UTF_8));
  }
}
