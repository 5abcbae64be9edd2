package dev.utter.speech.ending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndingSettingsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void hasDefaults() {
    assertThat(EndingSettings.defaults())
        .isEqualTo(
            new EndingSettings(
                25,
                Optional.of(
                    new EndingSettings.Silence(-60, Duration.ofSeconds(5), Duration.ofMillis(500))),
                Optional.of(
                    new EndingSettings.Runaway(Duration.ofSeconds(10), Duration.ofSeconds(2)))));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void refusesARepetitionThatEveryFrameIs(int frames) {
    assertThatThrownBy(() -> new EndingSettings(frames, Optional.empty(), Optional.empty()))
        .hasMessage("repeatedFrames is " + frames + ", must be 0 or at least 2");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 3, Double.NaN, Double.NEGATIVE_INFINITY})
  void refusesALevelThatNoFrameOrEveryFrameIsBelow(double level) {
    assertThatThrownBy(() -> new EndingSettings.Silence(level, SECOND, SECOND))
        .hasMessage("level is " + level + ", must be finite and below 0 dBFS");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void refusesSilenceWithoutLength(long seconds) {
    assertThatThrownBy(
            () -> new EndingSettings.Silence(-60, Duration.ofSeconds(seconds), Duration.ZERO))
        .hasMessage("longest is " + Duration.ofSeconds(seconds) + ", must be above zero");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1001})
  void refusesARemainderThatIsNoPartOfTheSilence(long millis) {
    Duration remainder = Duration.ofMillis(millis);
    assertThatThrownBy(() -> new EndingSettings.Silence(-60, SECOND, remainder))
        .hasMessage("remainder is " + remainder + ", must be from zero to longest, PT1S");
  }

  @Test
  void theWholeSilenceMayBeKept() {
    assertThat(new EndingSettings.Silence(-60, SECOND, SECOND).remainder()).isEqualTo(SECOND);
  }

  @Test
  void refusesAnAllowanceThatIsNegativeOrNothing() {
    assertThatThrownBy(() -> new EndingSettings.Runaway(SECOND.negated(), SECOND))
        .hasMessage("base is PT-1S, must not be negative");
    assertThatThrownBy(() -> new EndingSettings.Runaway(SECOND, SECOND.negated()))
        .hasMessage("perToken is PT-1S, must not be negative");
    assertThatThrownBy(() -> new EndingSettings.Runaway(Duration.ZERO, Duration.ZERO))
        .hasMessage("base and perToken are both zero, one must be above it");
  }
}
