package dev.utter.worker.intake.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.offsets.Takeover.Decision.Begin;
import dev.utter.worker.intake.offsets.Takeover.Decision.Refuse;
import dev.utter.worker.intake.offsets.Takeover.Found;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TakeoverTest {
  private static final TopicPartition PARTITION = new TopicPartition("lane", 3);

  @Test
  void goesOnAtTheCommittedOffsetWithItsProgress() {
    // When
    Begin begin = begin(LostOffsets.REFUSE, found("5 utter1:aF2", 0, 20));

    // Then
    assertThat(begin).isEqualTo(new Begin(5, Progress.decode("utter1:aF2"), 0, Optional.empty()));
  }

  @Test
  void takesTheEndOfTheLogForAGoodOffset() {
    // Then
    assertThat(begin(LostOffsets.REFUSE, found("20", 0, 20)).offset()).isEqualTo(20);
  }

  @Test
  void beginsAnEmptyPartitionWithoutAnOffset() {
    // Then
    assertThat(begin(LostOffsets.REFUSE, found("", 7, 7)))
        .isEqualTo(new Begin(7, Progress.NONE, 0, Optional.empty()));
  }

  @Test
  void refusesRecordsWithoutAnOffsetAndNamesTheWaysOut() {
    // When
    Refuse refuse = refuse(found("", 7, 20));

    // Then
    assertThat(refuse.why())
        .contains("no offset is committed", "7 to 19")
        .contains("intake.lostOffsets", "START_AT_BEGINNING", "START_AT_END")
        .contains("--group workers --topic lane:3 --reset-offsets");
    assertThat(refuse.mark()).isEmpty();
  }

  @Test
  void anOperatorMayHaveRecordsWithoutAnOffsetTakenOrLeftOut() {
    // When
    Begin all = begin(LostOffsets.START_AT_BEGINNING, found("", 7, 20));
    Begin none = begin(LostOffsets.START_AT_END, found("", 7, 20));

    // Then
    assertThat(all.offset()).isEqualTo(7);
    assertThat(all.lost()).isZero();
    assertThat(all.notice()).isPresent();
    assertThat(none.offset()).isEqualTo(20);
    assertThat(none.lost()).isEqualTo(13);
    assertThat(none.notice()).isPresent();
  }

  @Test
  void refusesAnOffsetPastTheEndAndHasEveryLaterOwnerRefuseItToo() {
    // When
    Refuse refuse = refuse(found("100 utter1:aF3", 0, 20));
    OffsetAndMetadata mark = refuse.mark().orElseThrow();
    Refuse later = refuse(new Found(false, Optional.of(mark), 0, 500));

    // Then
    assertThat(refuse.why()).contains("100", "past the end of the log", "0 to 19");
    assertThat(mark.offset()).isEqualTo(100);
    assertThat(later.mark()).contains(new OffsetAndMetadata(100, Progress.refusal(500)));
    assertThat(begin(LostOffsets.START_AT_BEGINNING, new Found(false, Optional.of(mark), 0, 500)))
        .extracting(Begin::offset, Begin::progress)
        .containsExactly(0L, Progress.NONE);
  }

  @Test
  void beginsALaneThatWasMadeAnewAndIsEmpty() {
    // When
    Begin begin = begin(LostOffsets.REFUSE, found("1000000 utter1:aF5", 0, 0));

    // Then
    assertThat(begin.offset()).isZero();
    assertThat(begin.progress()).isEqualTo(Progress.NONE);
    assertThat(begin.notice()).isPresent();
  }

  @Test
  void goesOnAtTheStartOfALogThatLostUnfinishedRecordsAndCountsThem() {
    // When
    Begin begin = begin(LostOffsets.REFUSE, found("5 utter1:aFbFUF", 8, 20));

    // Then
    assertThat(begin.offset()).isEqualTo(8);
    assertThat(begin.progress()).isEqualTo(Progress.decode("utter1:FUF"));
    assertThat(begin.lost()).isEqualTo(2);
    assertThat(begin.notice()).isPresent();
  }

  @Test
  void refusesProgressOfALaterVersionUnderEverySettingOfLostOffsets() {
    // When
    Takeover.Decision decision =
        new Takeover(LostOffsets.START_AT_END, "workers")
            .decide(PARTITION, found("5 utter2:?", 0, 20));

    // Then
    assertThat(decision).isInstanceOf(Refuse.class);
    assertThat(((Refuse) decision).mark()).isEmpty();
  }

  private static Begin begin(LostOffsets policy, Found found) {
    return (Begin) new Takeover(policy, "workers").decide(PARTITION, found);
  }

  private static Refuse refuse(Found found) {
    return (Refuse) new Takeover(LostOffsets.REFUSE, "workers").decide(PARTITION, found);
  }

  /** Committed as offset and metadata with a blank between them, or nothing. */
  private static Found found(String committed, long start, long end) {
    String[] parts = committed.split(" ");
    return new Found(
        false,
        committed.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new OffsetAndMetadata(Long.parseLong(parts[0]), parts.length > 1 ? parts[1] : "")),
        start,
        end);
  }
}
