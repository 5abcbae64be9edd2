package dev.utter.worker.intake;

import dev.utter.worker.intake.offsets.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What this worker holds of one partition, and what is to be committed for it. Owned by the
 * intake's thread.
 *
 * <p>Offsets without a record (transaction markers, compaction) have no entry. Below the position
 * they have the state of the offset before them, so that they add no runs.
 */
public final class PartitionWork {
  private static final long NEVER = -1;

  private final TopicPartition partition;
  private final CommandQueue commands;

  /** Progress found at assignment; describes offsets that have not been polled yet. */
  private final Progress found;

  private final long foundAt;

  /** The records at or past the first unfinished one: a delivery, or nothing if finished. */
  private final NavigableMap<Long, Optional<Delivery>> seen = new TreeMap<>();

  /** Next offset that has not been seen. */
  private long position;

  /** Offset last committed by this worker. */
  private long lastCommitted = NEVER;

  /**
   * Work on a partition.
   *
   * @param begin where it begins: the first offset that may be unfinished
   * @param found progress of the last owner from there on
   */
  public PartitionWork(
      TopicPartition partition, long begin, Progress found, CommandQueue commands) {
    this.partition = partition;
    this.commands = commands;
    this.found = found;
    this.foundAt = begin;
    this.position = begin;
  }

  public TopicPartition partition() {
    return partition;
  }

  /** Whether progress up to this offset still fits the commit metadata. */
  public boolean fits(long offset) {
    OptionalLong first = firstHeld();
    return first.isEmpty() || offset - first.getAsLong() < Progress.MAX_SPAN;
  }

  /** Takes a record; empty if an earlier owner finished it. */
  public Optional<Delivery> take(ConsumerRecord<byte[], byte[]> record) {
    byte state = foundUnseen(record.offset());
    Optional<Delivery> delivery =
        state == Progress.FINISHED
            ? Optional.empty()
            : Optional.of(new Delivery(record, state, commands));
    seen.put(record.offset(), delivery);
    position = record.offset() + 1;
    return delivery;
  }

  /** The consumer has passed everything below this offset. */
  public void passed(long newPosition) {
    position = Math.max(position, newPosition);
  }

  /** Records taken and not finished. */
  public List<Delivery> held() {
    List<Delivery> held = new ArrayList<>();
    seen.values().forEach(delivery -> delivery.ifPresent(held::add));
    return held;
  }

  /** Whether this very delivery is still held. */
  public boolean holds(Delivery delivery) {
    return seen.getOrDefault(delivery.offset(), Optional.empty())
        .filter(delivery::equals)
        .isPresent();
  }

  /** Offset and progress as they are once the given deliveries are finished. */
  public OffsetAndMetadata committable(Set<Delivery> finishing) {
    long first = firstUnfinished(finishing);
    return new OffsetAndMetadata(first, progressFrom(first, finishing).encode());
  }

  /** The delivery's outcome is visible. */
  public void finished(Delivery delivery) {
    seen.put(delivery.offset(), Optional.empty());
    seen.headMap(firstUnfinished(Set.of())).clear();
  }

  public void committed(OffsetAndMetadata committed) {
    lastCommitted = committed.offset();
  }

  /** Offset last committed by this worker; everything before it is finished. Empty if none. */
  public OptionalLong committed() {
    return lastCommitted == NEVER ? OptionalLong.empty() : OptionalLong.of(lastCommitted);
  }

  /** Whether nothing is held. */
  public boolean isIdle() {
    return firstHeld().isEmpty();
  }

  /** The first record that is not finished, or the next one if all are. */
  public long firstUnfinished() {
    return firstUnfinished(Set.of());
  }

  /** Next offset that has not been seen. */
  public long position() {
    return position;
  }

  /**
   * Whether nothing is held and the committed offset is behind, for example because of transaction
   * markers.
   */
  public boolean trailsIdle() {
    return isIdle() && lastCommitted < position;
  }

  private OptionalLong firstHeld() {
    for (Map.Entry<Long, Optional<Delivery>> entry : seen.entrySet()) {
      if (entry.getValue().isPresent()) {
        return OptionalLong.of(entry.getKey());
      }
    }
    return OptionalLong.empty();
  }

  private long firstUnfinished(Set<Delivery> finishing) {
    for (Map.Entry<Long, Optional<Delivery>> entry : seen.entrySet()) {
      if (state(entry.getValue(), finishing) != Progress.FINISHED) {
        return entry.getKey();
      }
    }
    long first = position;
    while (foundUnseen(first) == Progress.FINISHED) {
      first++;
    }
    return first;
  }

  private Progress progressFrom(long first, Set<Delivery> finishing) {
    long lastFound = foundAt + found.span() - 1;
    long last = seen.isEmpty() ? lastFound : Math.max(seen.lastKey(), lastFound);
    byte[] states = new byte[(int) Math.max(0, last - first + 1)];
    byte previous = Progress.UNTOUCHED;
    for (int i = 0; i < states.length; i++) {
      long offset = first + i;
      Optional<Delivery> record = seen.get(offset);
      if (record != null) {
        previous = state(record, finishing);
      } else if (offset >= position) {
        previous = foundUnseen(offset);
      }
      states[i] = previous;
    }
    return Progress.of(states);
  }

  private byte foundUnseen(long offset) {
    return found.state(offset - foundAt);
  }

  private static byte state(Optional<Delivery> record, Set<Delivery> finishing) {
    if (record.isEmpty() || finishing.contains(record.get())) {
      return Progress.FINISHED;
    }
    return (byte) record.get().starts();
  }
}
