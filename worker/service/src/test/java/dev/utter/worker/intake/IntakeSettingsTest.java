package dev.utter.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.utter.events.Topics;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsSource;
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

  @Test
  void takesAWindowThatOnePollJustFills() {
    assertThat(settings(OptionalInt.of(8), 3, Map.of()).windowFor(64)).isEqualTo(8);
  }

  @Test
  void aStopLeavesTimeForWhatComesAfterRunningWork() {
    assertThat(read(Map.of(), Duration.ofSeconds(15)).stopGrace())
        .isEqualTo(Duration.ofSeconds(10));
    assertThat(read(Map.of(), Duration.ofMinutes(5)).stopGrace()).isEqualTo(Duration.ofSeconds(15));
    assertThat(read(Map.of("UTTER_INTAKE_STOP_GRACE", "20s"), Duration.ofSeconds(20)).stopGrace())
        .isEqualTo(Duration.ofSeconds(20));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(Map.of("UTTER_INTAKE_STOP_GRACE", "21s"), Duration.ofSeconds(20)))
        .withMessage("intake.stopGrace is 21s, must be at most worker.stopTimeout, 20s");
    assertThat(read(Map.of("UTTER_INTAKE_STOP_GRACE", "0s"), Duration.ofSeconds(20)).stopGrace())
        .isZero();
  }

  @Test
  void needsAGroupANameAndALane() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntakeSettings.defaults(" ", Map.of()))
        .withMessage("transactionalId is blank");
    Duration second = Duration.ofSeconds(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(Set.of(), 8, second))
        .withMessage("lanes is empty, there must be a lane to take from");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(LANES, 0, second))
        .withMessage("pollRecords is 0, must be 1 or more");
    assertThat(with(LANES, 1, second).windowFor(1)).isEqualTo(32);
    assertThat(with(LANES, 40, second).windowFor(1)).isEqualTo(40);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(LANES, 8, second.negated()))
        .withMessageStartingWith("intake.stopGrace is ");
  }

  @Test
  void namesTheClientsWithoutTheirProperties() {
    assertThat(
            new IntakeSettings.Clients(
                "group", "id", Map.of("sasl.jaas.config", "hush"), Map.of(), Map.of()))
        .hasToString("Clients[groupId=group, transactionalId=id]");
  }

  private static IntakeSettings read(Map<String, String> variables, Duration stopTimeout) {
    return IntakeSettings.read(
        new SettingsSource(
            JsonNodeFactory.instance.objectNode(), new SettingsEnvironment(variables)),
        new IntakeSettings.Clients("group", "id", Map.of(), Map.of(), Map.of()),
        stopTimeout);
  }

  private static IntakeSettings with(Set<String> lanes, int pollRecords, Duration stopGrace) {
    Duration second = Duration.ofSeconds(1);
    return new IntakeSettings(
        "group",
        "id",
        lanes,
        OptionalInt.empty(),
        pollRecords,
        second,
        second,
        second,
        second,
        3,
        stopGrace,
        LostOffsets.REFUSE,
        Map.of(),
        Map.of(),
        Map.of());
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
