package dev.utter.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.offsets.Progress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PartitionWorkTest {
  private static final TopicPartition PARTITION = new TopicPartition("lane", 0);
  private final CommandQueue commands = new CommandQueue(() -> {});

  @Test
  void commitsItsBeginningBeforeItHasSeenAnything() {
    // Given
    PartitionWork work = takeOver(7, "utter1:aF");

    // Then
    assertThat(work.committable(Set.of())).isEqualTo(new OffsetAndMetadata(7, "utter1:aF"));
    assertThat(work.committed()).isEmpty();
  }

  @Test
  void describesWhatIsPastTheFirstUnfinishedRecord() {
    // Given
    PartitionWork work = takeOver(0, "");
    Delivery first = take(work, 5);
    Delivery second = take(work, 6);
    Delivery third = take(work, 8);
    second.begin();
    third.begin();

    // When
    work.finished(third);

    // Then
    assertThat(work.committable(Set.of())).isEqualTo(new OffsetAndMetadata(5, "utter1:Ua2F"));
    assertThat(work.committable(Set.of(first))).isEqualTo(new OffsetAndMetadata(6, "utter1:a2F"));
    assertThat(work.committable(Set.of(first, second))).isEqualTo(new OffsetAndMetadata(9, ""));
  }

  @Test
  void skipsWhatAnEarlierOwnerFinishedAndSuspectsWhatItStarted() {
    // Given
    OffsetAndMetadata committed = new OffsetAndMetadata(10, "utter1:bFUa");
    PartitionWork work = takeOver(committed.offset(), committed.metadata());

    // When
    Optional<Delivery> twiceStarted = work.take(record(10));
    Optional<Delivery> finished = work.take(record(11));
    Optional<Delivery> untouched = work.take(record(12));
    Optional<Delivery> started = work.take(record(13));
    Optional<Delivery> later = work.take(record(14));

    // Then
    assertThat(twiceStarted.orElseThrow().starts()).isEqualTo(2);
    assertThat(finished).isEmpty();
    assertThat(untouched.orElseThrow().starts()).isZero();
    assertThat(started.orElseThrow().starts()).isEqualTo(1);
    assertThat(later.orElseThrow().starts()).isZero();
  }

  @Test
  void keepsWhatItFoundAboutRecordsItHasNotPolledYet() {
    // Given
    OffsetAndMetadata committed = new OffsetAndMetadata(10, "utter1:bFUaF3");
    PartitionWork work = takeOver(committed.offset(), committed.metadata());

    // When
    Delivery first = take(work, 10);

    // Then
    assertThat(work.committable(Set.of())).isEqualTo(committed);
    assertThat(work.committable(Set.of(first))).isEqualTo(new OffsetAndMetadata(12, "utter1:UaF3"));
  }

  @Test
  void takesAnAttemptBackWhenItHandsARecordOver() {
    // Given
    PartitionWork work = takeOver(3, "utter1:a");
    Delivery suspect = take(work, 3);
    Delivery fresh = take(work, 4);
    suspect.begin();
    fresh.begin();

    // When
    suspect.takeBack();
    fresh.takeBack();

    // Then
    assertThat(work.committable(Set.of())).isEqualTo(new OffsetAndMetadata(3, "utter1:a"));
  }

  @Test
  void countsAnAttemptThatFailedEvenWhenHandedOver() {
    // Given
    PartitionWork work = takeOver(0, "");
    Delivery delivery = take(work, 0);
    delivery.begin();

    // When
    delivery.endAttempt();
    delivery.takeBack();

    // Then
    assertThat(work.committable(Set.of())).isEqualTo(new OffsetAndMetadata(0, "utter1:a"));
  }

  @Test
  void movesPastTransactionMarkers() {
    // Given
    PartitionWork work = takeOver(0, "");
    Delivery delivery = take(work, 0);
    work.finished(delivery);
    work.committed(work.committable(Set.of()));

    // When
    work.passed(2);

    // Then
    assertThat(work.trailsIdle()).isTrue();
    assertThat(work.committable(Set.of())).isEqualTo(new OffsetAndMetadata(2, ""));
  }

  @Test
  void makesNoRunsOfMarkersBetweenRecords() {
    // Given
    PartitionWork work = takeOver(0, "");
    take(work, 0);
    for (int offset = 2; offset < 2000; offset += 2) {
      work.finished(take(work, offset));
    }

    // When
    String metadata = work.committable(Set.of()).metadata();

    // Then
    assertThat(metadata).isEqualTo("utter1:U2F1997");
  }

  @Test
  void takesNothingItCouldNotDescribe() {
    // Given
    PartitionWork work = takeOver(0, "");
    Delivery first = take(work, 100);

    // Then
    assertThat(work.fits(100 + Progress.MAX_SPAN - 1)).isTrue();
    assertThat(work.fits(100 + Progress.MAX_SPAN)).isFalse();
    work.finished(first);
    assertThat(work.fits(100 + Progress.MAX_SPAN)).isTrue();
  }

  @Test
  void knowsWhatItHoldsAndWhereItIs() {
    // Given
    PartitionWork work = takeOver(3, "");
    Delivery first = take(work, 3);
    Delivery second = take(work, 5);

    // Then
    assertThat(work.partition()).isEqualTo(PARTITION);
    assertThat(work.held()).containsExactly(first, second);
    assertThat(work.holds(first)).isTrue();
    assertThat(work.holds(new Delivery(record(3), 0, commands))).isFalse();
    assertThat(work.holds(new Delivery(record(4), 0, commands))).isFalse();
    assertThat(work.position()).isEqualTo(6);
    assertThat(work.firstUnfinished()).isEqualTo(3);
    assertThat(work.isIdle()).isFalse();
    assertThat(work.trailsIdle()).isFalse();

    // When
    work.finished(first);
    work.finished(second);

    // Then
    assertThat(work.holds(first)).isFalse();
    assertThat(work.firstUnfinished()).isEqualTo(6);
    assertThat(work.isIdle()).isTrue();
    assertThat(work.trailsIdle()).isTrue();

    // When
    work.committed(work.committable(Set.of()));
    work.passed(2);

    // Then
    assertThat(work.trailsIdle()).isFalse();
    assertThat(work.position()).isEqualTo(6);
    assertThat(work.committed()).hasValue(6);
  }

  /**
   * For any mixture of starts, finishes, markers and takeovers: no record is handed out after it
   * was finished, none is lost, each start survives, and the metadata always fits.
   */
  @Test
  void losesAndDoublesNothingInRandomHistories() {
    for (int seed = 0; seed < 300; seed++) {
      // Given
      Random random = new Random(seed);
      TreeSet<Long> log = randomLog(random);
      Map<Long, Integer> starts = new HashMap<>();
      Set<Long> finished = new HashSet<>();
      OffsetAndMetadata committed = new OffsetAndMetadata(0);

      // When
      while (finished.size() < log.size()) {
        committed = oneOwner(random, log, committed, starts, finished);
      }

      // Then
      PartitionWork last = takeOver(committed.offset(), committed.metadata());
      for (long offset : log.tailSet(committed.offset())) {
        assertThat(last.take(record(offset))).isEmpty();
      }
      last.passed(log.last() + 1);
      assertThat(last.committable(Set.of())).isEqualTo(new OffsetAndMetadata(log.last() + 1, ""));
    }
  }

  private OffsetAndMetadata oneOwner(
      Random random,
      TreeSet<Long> log,
      OffsetAndMetadata committed,
      Map<Long, Integer> starts,
      Set<Long> finished) {
    PartitionWork work = takeOver(committed.offset(), committed.metadata());
    long next = committed.offset();
    List<Delivery> held = new ArrayList<>();
    OffsetAndMetadata last = committed;
    int life = 1 + random.nextInt(60);
    for (int step = 0; step < life; step++) {
      Long offset = log.ceiling(next);
      if (random.nextBoolean() && offset != null && work.fits(offset)) {
        next = offset + 1;
        Optional<Delivery> taken = work.take(record(offset));
        assertThat(taken.isEmpty()).isEqualTo(finished.contains(offset));
        taken.ifPresent(
            delivery -> {
              assertThat(delivery.starts()).isEqualTo(starts.getOrDefault(offset, 0));
              held.add(delivery);
            });
      } else if (!held.isEmpty()) {
        Delivery delivery = held.get(random.nextInt(held.size()));
        if (delivery.underWay()) {
          last = work.committable(Set.of(delivery));
          work.finished(delivery);
          held.remove(delivery);
          finished.add(delivery.offset());
        } else {
          delivery.begin();
          starts.merge(delivery.offset(), 1, Integer::sum);
          last = work.committable(Set.of());
        }
        assertThat(last.metadata().length()).isLessThanOrEqualTo(Progress.MAX_BYTES);
      }
    }
    return last;
  }

  private static TreeSet<Long> randomLog(Random random) {
    TreeSet<Long> log = new TreeSet<>();
    long offset = random.nextInt(5);
    int records = 1 + random.nextInt(80);
    for (int i = 0; i < records; i++) {
      log.add(offset);
      offset += 1 + (random.nextInt(4) == 0 ? random.nextInt(30) : 0);
    }
    return log;
  }

  private PartitionWork takeOver(long offset, String metadata) {
    return new PartitionWork(PARTITION, offset, Progress.decode(metadata), commands);
  }

  private static Delivery take(PartitionWork work, long offset) {
    return work.take(record(offset)).orElseThrow();
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset) {
    return new ConsumerRecord<>("lane", 0, offset, new byte[0], new byte[0]);
  }
}
