package dev.utter.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 40, 1_000_000})
  void threeSeedsInARowHaveEveryFault(long first) {
    // When
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    LongStream.range(first, first + 3)
        .mapToObj(Schedule::brief)
        .flatMap(schedule -> schedule.faults().stream())
        .forEach(fault -> kinds.add(fault.kind()));

    // Then
    assertThat(kinds).isEqualTo(EnumSet.allOf(FaultKind.class));
  }

  @Test
  void theSameSeedGivesTheSameSchedule() {
    assertThat(Schedule.brief(5)).isEqualTo(Schedule.brief(5));
    assertThat(Schedule.rounds(5, 2)).isEqualTo(Schedule.rounds(5, 2));
  }

  @Test
  void anotherSeedGivesAnotherSchedule() {
    assertThat(Schedule.brief(5)).isNotEqualTo(Schedule.brief(8));
    assertThat(Schedule.rounds(5, 2)).isNotEqualTo(Schedule.rounds(6, 2));
  }

  @Test
  void offsetsAreDeletedLast() {
    // When
    Schedule schedule = Schedule.rounds(3, 2);

    // Then
    assertThat(schedule.faults())
        .extracting(Schedule.Planned::kind)
        .containsOnlyOnce(FaultKind.OFFSETS_DELETED)
        .endsWith(FaultKind.OFFSETS_DELETED);
  }
}
