package dev.utter.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
    assertThat(kinds)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(FaultKind.values()).filter(FaultKind::general).toList());
  }

  @Test
  void everyOtherKindHasItsOwnRun() {
    assertThat(
            Stream.of(Schedule.scaleDown(1), Schedule.upgrade(1))
                .flatMap(schedule -> schedule.faults().stream())
                .map(Schedule.Planned::kind)
                .filter(kind -> !kind.general())
                .distinct())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(FaultKind.values()).filter(kind -> !kind.general()).toList());
  }

  @Test
  void anUpgradeEndsWhereItBeganWithBothVersionsSideBySideInBetween() {
    assertThat(Schedule.upgrade(1).faults())
        .extracting(Schedule.Planned::kind)
        .filteredOn(kind -> kind == FaultKind.UPGRADE || kind == FaultKind.ROLLBACK)
        .containsExactly(
            FaultKind.UPGRADE, FaultKind.UPGRADE, FaultKind.ROLLBACK, FaultKind.ROLLBACK);
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
