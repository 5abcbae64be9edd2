package dev.utter.worker.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.Topics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;

/** Untrusted keys, headers and values, in the whole topology of admission. */
class AdmissionFuzzTest {
  private static final int MAX_MESSAGE_BYTES = 4_000;
  private static final AdmissionRig RIG = rig();

  private static final byte[] REQUEST = RIG.bytes(AdmissionRig.request("id").build());
  private static final byte[] CANCELLATION = RIG.cancellation("id");

  /** The magic byte and the id of the schema. */
  private static final int PREFIX_BYTES = 5;

  private static AdmissionRig rig() {
    AdmissionRig rig = new AdmissionRig(AdmissionSettings.defaults());
    Runtime.getRuntime().addShutdownHook(new Thread(rig::close));
    return rig;
  }

  /**
   * The bytes are lines: whether it is a cancellation, its key, the name and the content of a
   * header; the event is what follows.
   */
  @FuzzTest
  void aRecordHasOneOutcome(byte[] bytes) {
    Lines lines = new Lines(bytes);
    boolean cancels = lines.next().length > 0;
    String topic = cancels ? Topics.CANCELLATIONS : Topics.REQUESTS;
    byte[] key = lines.next();
    RecordHeaders headers = new RecordHeaders();
    headers.add(new String(lines.next(), UTF_8), lines.next());
    RIG.reports.clear();

    RIG.publish(
        topic,
        new TestRecord<>(
            key.length == 0 ? null : key,
            value(cancels ? CANCELLATION : REQUEST, lines.rest()),
            headers));

    List<TestRecord<byte[], byte[]>> letters = RIG.records(Topics.DEAD_LETTERS);
    int admitted = RIG.admitted().size();
    int failed = RIG.records(Topics.FAILED).size();
    // A record that cannot be read is a dead letter, and has an answer under its key as well.
    int outcomes = admitted + Math.max(failed, letters.size());
    boolean silent = cancels || RIG.reports.contains("repeated");
    if (outcomes > 1 || outcomes == 0 && !silent) {
      throw new AssertionError(
          "%d admitted, %d failed, %d dead letters".formatted(admitted, failed, letters.size()));
    }
    letters.forEach(AdmissionFuzzTest::check);
  }

  private static byte[] value(byte[] sample, byte[] event) {
    byte[] value = Arrays.copyOf(sample, PREFIX_BYTES + event.length);
    System.arraycopy(event, 0, value, PREFIX_BYTES, event.length);
    return value;
  }

  private static void check(TestRecord<byte[], byte[]> letter) {
    if (!header(letter, DeadLetterHeaders.PARTITION).equals("0")
        || !header(letter, DeadLetterHeaders.TOPIC).startsWith("utter.")
        || header(letter, DeadLetterHeaders.REASON).equals(DeadLetterHeaders.FAULT)
        || header(letter, DeadLetterHeaders.MESSAGE).length() > MAX_MESSAGE_BYTES) {
      throw new AssertionError("a dead letter with " + letter.headers());
    }
  }

  /** A header that is there once. */
  private static String header(TestRecord<byte[], byte[]> letter, String name) {
    List<Header> found = new ArrayList<>();
    letter.headers().headers(name).forEach(found::add);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " headers " + name);
    }
    return new String(found.get(0).value(), UTF_8);
  }

  private static final class Lines {
    private final byte[] bytes;
    private int from;

    private Lines(byte[] bytes) {
      this.bytes = bytes;
    }

    private byte[] next() {
      int to = from;
      while (to < bytes.length && bytes[to] != '\n') {
        to++;
      }
      byte[] line = Arrays.copyOfRange(bytes, from, to);
      from = Math.min(bytes.length, to + 1);
      return line;
    }

    private byte[] rest() {
      return Arrays.copyOfRange(bytes, from, bytes.length);
    }
  }
}
