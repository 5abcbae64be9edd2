package dev.utter.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.utter.events.Topics;
import dev.utter.worker.intake.offsets.LostOffsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntakeSettingsTest {
  private static final Map<String, Integer> WINDOWS = Map.of(Topics.WORK_BULK, 8);

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
                Map.of(Topics.WORK_INTERACTIVE, 0, Topics.WORK_NORMAL, 0, Topics.WORK_BULK, 0),
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
  void fitsWindowsThatAreLeftOpenToTheSlots() {
    // Given
    Map<String, Integer> windows = Map.of(Topics.WORK_INTERACTIVE, 0, Topics.WORK_BULK, 8);

    // Then
    assertThat(settings(windows, 3, Map.of()).sizedFor(2).windows())
        .containsEntry(Topics.WORK_INTERACTIVE, 32)
        .containsEntry(Topics.WORK_BULK, 8);
    assertThat(settings(windows, 3, Map.of()).sizedFor(64).windows())
        .containsEntry(Topics.WORK_INTERACTIVE, 256)
        .containsEntry(Topics.WORK_BULK, 8);
  }

  @Test
  void refusesAWindowThatOnePollCouldOverfill() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(Map.of(Topics.WORK_BULK, 7), 3, Map.of()))
        .withMessageContaining(Topics.WORK_BULK)
        .withMessageContaining("7")
        .withMessageContaining("8");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 21})
  void refusesAttemptLimitsThatCannotBeCounted(int limit) {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(WINDOWS, limit, Map.of()))
        .withMessageContaining(Integer.toString(limit));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"enable.auto.commit", "isolation.level", "transactional.id", "group.id", "acks"})
  void refusesClientPropertiesThePromisesDependOn(String key) {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(WINDOWS, 3, Map.of(key, "x")))
        .withMessageContaining(key);
  }

  @Test
  void showsNoValuesOfClientProperties() {
    // When
    String text = settings(WINDOWS, 3, Map.of("sasl.jaas.config", "hush")).toString();

    // Then
    assertThat(text).contains("sasl.jaas.config").doesNotContain("hush");
  }

  private static IntakeSettings settings(
      Map<String, Integer> windows, int attemptLimit, Map<String, String> kafka) {
    Duration second = Duration.ofSeconds(1);
    return new IntakeSettings(
        "group",
        "id",
        windows,
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
