package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.csm.LoadedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotTimesTest {

  private static final long FRAME = 80;

  /** A step takes `fixed` for its weights and `each` for an utterance. */
  @ParameterizedTest
  @CsvSource({
    // 8 utterances take 76, 12 take 104.
    "20, 7, 64, 8",
    // Memory is the limit.
    "20, 1, 5, 5",
    "20, 1, 1, 1",
    // One takes 100; 12 take 188, 16 take 220.
    "92, 8, 64, 12",
    // One takes 160, two take 320: nothing is shared.
    "0, 160, 64, 1"
  })
  void asManyAsStayInRealTimeOrElseWithinTwiceTheTimeOfOne(
      long fixed, long each, int max, int expected) {
    assertThat(SlotTimes.best(slots -> fixed + slots * each, FRAME, max)).isEqualTo(expected);
  }

  @Test
  void aNumberThatLowersTheThroughputIsNotTaken() {
    assertThat(SlotTimes.best(slots -> slots <= 4 ? 30 : 11L * slots, FRAME, 64)).isEqualTo(4);
  }

  @Test
  void noNumberAboveTheMaximumIsMeasured() {
    assertThat(
            SlotTimes.best(
                slots -> {
                  assertThat(slots).isLessThanOrEqualTo(7);
                  return 1;
                },
                FRAME,
                7))
        .isEqualTo(7);
  }

  @Test
  void stepsOfAModelAreTimed() {
    try (LoadedModel model =
        new LoadedModel(EngineHarness.DIRECTORY, GenerationSettings.defaults().withSlots(1))) {
      assertThat(SlotTimes.stepNanos(model.program, 3)).isPositive();
    }
  }
}
