package dev.utter.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.utter.events.Topics;
import dev.utter.worker.intake.offsets.LostOffsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntakeSettingsTest {
  private static final Set<String> LANES =
      Set.of(Topics.WORK_INTERACTIVE, Topics.WORK_NORMAL, Topics.WORK_BULK);

  @Test
  void hasTheseDefaults() {
    // When
    IntakeSettings settings = IntakeSettings.defaults("worker-1", Map.of("a", "b"));

    // Then
    assertThat(settings)
        .isEqualTo(
            new IntakeSettings(
                "utter-synthesis",
                "worker-1",
                LANES,
                OptionalInt.empty(),
                8,
                Duration.ofMillis(20),
                Duration.ofMillis(200),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                3,
                Duration.ofSeconds(15),
                LostOffsets.REFUSE,
                Map.of("a", "b"),
                Map.of(),
                Map.of()));
  }

  @Test
  void aWindowThatIsLeftToTheWorkerFitsTheSlots() {
    // When
    IntakeSettings settings = settings(OptionalInt.empty(), 3, Map.of());

    // Then
    assertThat(settings.windowFor(2)).isEqualTo(32);
    assertThat(settings.windowFor(64)).isEqualTo(256);
    assertThat(settings(OptionalInt.of(9), 3, Map.of()).windowFor(64)).isEqualTo(9);
  }

  @Test
  void refusesAWindowThatOnePollCouldOverfill() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(OptionalInt.of(7), 3, Map.of()))
        .withMessage(
            "intake.window is 7, must be at least the number of records that a poll brings, 8");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 21})
  void refusesAttemptLimitsThatCannotBeCounted(int limit) {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(OptionalInt.empty(), limit, Map.of()))
        .withMessage("intake.attemptLimit is %d, must be 1 to 20", limit);
  }

  @Test
  void showsNoValuesOfClientProperties() {
    // When
    String text = settings(OptionalInt.empty(), 3, Map.of("sasl.jaas.config", "hush")).toString();

    // Then
    assertThat(text).contains("sasl.jaas.config").doesNotContain("hush");
  }

  private static IntakeSettings settings(
      OptionalInt window, int attemptLimit, Map<String, String> kafka) {
    Duration second = Duration.ofSeconds(1);
    return new IntakeSettings(
        "group",
        "id",
        LANES,
        window,
        8,
        second,
        second,
        second,
        second,
        attemptLimit,
        second,
        LostOffsets.REFUSE,
        kafka,
        Map.of(),
        Map.of());
  }
}
