package dev.utter.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyProcessesTest {

  @Test
  void theyRunUntilTheyAreClosed() {
    BusyProcesses busy = BusyProcesses.start(2);
    try (busy) {
      assertThat(busy.count()).isEqualTo(2);
    }
    assertThat(busy.count()).isZero();
  }

  @Test
  void withoutAnyNothingIsStarted() {
    try (BusyProcesses none = BusyProcesses.start(0)) {
      assertThat(none.count()).isZero();
    }
  }
}
