package dev.utter.worker.operator.letters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** One dead letter. Immutable, as long as its arrays are not written to. */
public final class Letter {
  /** {@link #redrives} of a record whose count cannot be read. */
  public static final int UNREADABLE_COUNT = Integer.MAX_VALUE;

  private final ConsumerRecord<byte[], byte[]> record;
  private final LetterState state;

  Letter(ConsumerRecord<byte[], byte[]> record, LetterState state) {
    this.record = requireNonNull(record, "record is null");
    this.state = requireNonNull(state, "state is null");
  }

  /** Its position in the topic. */
  public LetterPosition position() {
    return new LetterPosition(record.partition(), record.offset());
  }

  /** When it was written. */
  public Instant at() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** What was done about it. */
  public LetterState state() {
    return state;
  }

  /** Short code of its reason. */
  public String reason() {
    return text(DeadLetterHeaders.REASON);
  }

  /** Its reason as text. */
  public String message() {
    return text(DeadLetterHeaders.MESSAGE);
  }

  /** Topic of the record. */
  public String topic() {
    return text(DeadLetterHeaders.TOPIC);
  }

  /** Partition that the record had there, as text. */
  public String partition() {
    return text(DeadLetterHeaders.PARTITION);
  }

  /** Offset that the record had there, as text. */
  public String offset() {
    return text(DeadLetterHeaders.OFFSET);
  }

  /** Key of the record, as text; empty if it has none. */
  public Optional<String> key() {
    return Optional.ofNullable(record.key()).map(key -> new String(key, UTF_8));
  }

  /** Id of the request: the key, except on {@code utter.limits}, whose key is the publisher. */
  public Optional<String> requestId() {
    return topic().equals(Topics.LIMITS) ? Optional.empty() : key();
  }

  /** The bytes of the record; empty if it had none, or if they were {@linkplain #omitted}. */
  public Optional<byte[]> value() {
    return Optional.ofNullable(record.value());
  }

  /** Size of a value that was left out because of the topic's record limit. */
  public Optional<String> omitted() {
    return Optional.of(text(DeadLetterHeaders.OMITTED)).filter(size -> !size.isEmpty());
  }

  /** How often the record was published again; {@link #UNREADABLE_COUNT} if that is not known. */
  public int redrives() {
    String count = text(DeadLetterHeaders.REDRIVES);
    if (count.isEmpty()) {
      return 0;
    }
    return count.matches("[0-9]{1,9}") ? Integer.parseInt(count) : UNREADABLE_COUNT;
  }

  /** The headers that the record had where it came from, as text. */
  public List<Map.Entry<String, String>> originalHeaders() {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (Header header : original()) {
      byte[] value = header.value();
      headers.add(Map.entry(header.key(), value == null ? "" : new String(value, UTF_8)));
    }
    return headers;
  }

  /** The headers that the record had where it came from. */
  List<Header> original() {
    List<Header> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        headers.add(header);
      }
    }
    return headers;
  }

  ConsumerRecord<byte[], byte[]> record() {
    return record;
  }

  private String text(String name) {
    return text(record, name);
  }

  /** The last header of this name; the empty text if there is none. */
  static String text(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
  }
}
