package dev.utter.worker.operator.letters;

import dev.utter.events.DeadLetterHeaders;
import java.util.BitSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The state of each letter of one partition, from its marks. Takes at most two bits per offset;
 * used by one thread.
 */
final class HandledOffsets {
  private final long begin;
  private final long end;
  private final BitSet redriven = new BitSet();
  private final BitSet dropped = new BitSet();

  /**
   * Nothing is handled yet.
   *
   * @param begin first offset of the partition
   * @param end the one after its last
   */
  HandledOffsets(long begin, long end) {
    this.begin = begin;
    this.end = end;
    Math.toIntExact(end - begin);
  }

  static boolean isMark(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(DeadLetterHeaders.HANDLED) != null;
  }

  /** Adds a mark; ignores one that names no offset of the partition. */
  void add(ConsumerRecord<byte[], byte[]> mark) {
    String offset = Letter.text(mark, DeadLetterHeaders.HANDLED);
    if (!offset.matches("[0-9]{1,18}")) {
      return;
    }
    long handled = Long.parseLong(offset);
    if (handled >= begin && handled < end) {
      boolean again =
          Letter.text(mark, DeadLetterHeaders.ACTION).equals(DeadLetterHeaders.REDRIVEN);
      (again ? redriven : dropped).set((int) (handled - begin));
    }
  }

  /** A letter that was published again stays so, whatever else was done about it. */
  LetterState of(long offset) {
    int index = (int) (offset - begin);
    if (redriven.get(index)) {
      return LetterState.REDRIVEN;
    }
    return dropped.get(index) ? LetterState.DROPPED : LetterState.OPEN;
  }
}
