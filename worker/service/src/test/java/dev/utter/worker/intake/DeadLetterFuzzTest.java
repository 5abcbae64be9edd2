package dev.utter.worker.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.events.DeadLetterHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Headers of a record that becomes a dead letter. */
class DeadLetterFuzzTest {
  private static final int MAX_MESSAGE_BYTES = 4_000;

  /** The text is the message in a line; then lines that are names and contents of headers. */
  @FuzzTest
  void aLetterSaysOnceWhereItComesFrom(byte[] bytes) {
    String[] lines = new String(bytes, UTF_8).split("\n", -1);
    RecordHeaders headers = new RecordHeaders();
    for (int i = 1; i + 1 < lines.length; i += 2) {
      headers.add(lines[i], lines[i + 1].isEmpty() ? null : lines[i + 1].getBytes(UTF_8));
    }

    ProducerRecord<byte[], byte[]> letter =
        DeadLetter.of("letters", record(headers), "FAULT", lines[0]);

    check(letter, DeadLetterHeaders.TOPIC, "lane");
    check(letter, DeadLetterHeaders.PARTITION, "3");
    check(letter, DeadLetterHeaders.OFFSET, "7");
    check(letter, DeadLetterHeaders.REASON, "FAULT");
    if (one(letter, DeadLetterHeaders.OMITTED).isPresent()
        || one(letter, DeadLetterHeaders.MESSAGE).orElse("").length() > MAX_MESSAGE_BYTES) {
      throw new AssertionError("a dead letter with " + letter.headers());
    }
    check(DeadLetter.withoutValue(letter), DeadLetterHeaders.OMITTED, "1 bytes");
  }

  private static ConsumerRecord<byte[], byte[]> record(RecordHeaders headers) {
    return new ConsumerRecord<>(
        "lane",
        3,
        7,
        0,
        TimestampType.CREATE_TIME,
        0,
        1,
        new byte[0],
        new byte[1],
        headers,
        Optional.empty());
  }

  private static void check(ProducerRecord<byte[], byte[]> letter, String name, String expected) {
    if (!one(letter, name).equals(Optional.of(expected))) {
      throw new AssertionError(name + " is not " + expected + ": " + letter.headers());
    }
  }

  private static Optional<String> one(ProducerRecord<byte[], byte[]> letter, String name) {
    List<String> found = new ArrayList<>();
    for (Header header : letter.headers().headers(name)) {
      found.add(header.value() == null ? "" : new String(header.value(), UTF_8));
    }
    if (found.size() > 1) {
      throw new AssertionError(found.size() + " headers " + name);
    }
    return found.stream().findFirst();
  }
}
