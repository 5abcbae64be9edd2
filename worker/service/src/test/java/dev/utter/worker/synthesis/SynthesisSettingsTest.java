package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SynthesisSettingsTest {
  private static final AccessSettings ACCESS =
      AccessSettings.defaults(new ObjectPrefix("clips", "clips"));

  @Test
  void hasTheseDefaults() {
    // When
    SynthesisSettings settings = SynthesisSettings.defaults("worker-1", ACCESS);

    // Then
    assertThat(settings).isEqualTo(settings(4));
  }

  @Test
  void refusesPoolsWithoutThreads() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(0))
        .withMessageContaining("synthesis.contextThreads is 0, must be 1 or more");
  }

  @Test
  void fitsWhatIsLeftOpenToTheSlots() {
    // Given
    int processors = Runtime.getRuntime().availableProcessors();
    SynthesisSettings open = SynthesisSettings.defaults("worker-1", ACCESS);

    // When
    SynthesisSizes small = open.sizes(1);
    SynthesisSizes large = open.sizes(64);

    // Then
    assertThat(small.finishingThreads()).isEqualTo(2);
    assertThat(small.maxFinishing()).isEqualTo(8);
    assertThat(small.prefetch()).isEqualTo(4);
    assertThat(large.finishingThreads()).isEqualTo(Math.max(2, Math.min(64, processors)));
    assertThat(large.maxFinishing()).isEqualTo(128);
    assertThat(large.prefetch()).isEqualTo(16);
  }

  @Test
  void everySettingIsReadFromItsVariable() {
    // When
    SynthesisSettings settings =
        read(
            Map.ofEntries(
                Map.entry("UTTER_SYNTHESIS_CONTEXT_THREADS", "2"),
                Map.entry("UTTER_SYNTHESIS_FINISHING_THREADS", "3"),
                Map.entry("UTTER_SYNTHESIS_PREFETCH", "5"),
                Map.entry("UTTER_SYNTHESIS_CODES_CACHE_BYTES", "0"),
                Map.entry("UTTER_SYNTHESIS_MAX_REQUEST_CONTEXT_BYTES", "7"),
                Map.entry("UTTER_SYNTHESIS_MAX_RETRY", "200ms"),
                Map.entry("UTTER_SYNTHESIS_PATIENCE", "1m"),
                Map.entry("UTTER_SYNTHESIS_SUSPECT_WAIT", "1s"),
                Map.entry("UTTER_SYNTHESIS_SUSPECT_ALONE", "2s"),
                Map.entry("UTTER_SYNTHESIS_SUSPECT_DRAIN", "3s"),
                Map.entry("UTTER_SYNTHESIS_NORMAL_SHARE", "90"),
                Map.entry("UTTER_SYNTHESIS_BULK_SHARE", "0"),
                Map.entry("UTTER_SYNTHESIS_CANCELLATION_BYTES", "1"),
                Map.entry("UTTER_SYNTHESIS_HUNG_AFTER", "9s"),
                Map.entry("UTTER_STORAGE_MAX_OBJECT_BYTES", "1000")));

    // Then
    assertThat(settings)
        .isEqualTo(
            new SynthesisSettings(
                "worker-1",
                ACCESS,
                2,
                OptionalInt.of(3),
                OptionalInt.of(5),
                0,
                1000,
                7,
                new SynthesisSettings.Retries(
                    Duration.ofMillis(200), Duration.ofMillis(200), Duration.ofMinutes(1)),
                new Suspects(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3)),
                new LaneShares(90, 0),
                "team",
                new CancellationMemory(1, Duration.ofDays(1)),
                Duration.ofSeconds(9)));
    assertThat(settings.sizes(64)).isEqualTo(new SynthesisSizes(3, 128, 5));
  }

  @Test
  void theContextOfARequestMayAlwaysBeAsLargeAsOneObject() {
    // When
    SynthesisSettings small = read(Map.of("UTTER_STORAGE_MAX_OBJECT_BYTES", "1000"));
    SynthesisSettings large = read(Map.of("UTTER_STORAGE_MAX_OBJECT_BYTES", "100000000"));

    // Then
    assertThat(small.maxRequestContextBytes()).isEqualTo(64L << 20);
    assertThat(large.maxRequestContextBytes()).isEqualTo(100_000_000);
  }

  @ParameterizedTest
  @CsvSource({
    "CONTEXT_THREADS, 0, contextThreads",
    "FINISHING_THREADS, 0, finishingThreads",
    "PREFETCH, 0, prefetch",
    "CODES_CACHE_BYTES, -1, codesCacheBytes",
    "MAX_REQUEST_CONTEXT_BYTES, 0, maxRequestContextBytes",
    "MAX_RETRY, 199ms, maxRetry",
    "MAX_RETRY, 0s, maxRetry",
    "PATIENCE, 0s, patience",
    "SUSPECT_WAIT, 0s, suspectWait",
    "SUSPECT_ALONE, 0s, suspectAlone",
    "SUSPECT_DRAIN, 0s, suspectDrain",
    "NORMAL_SHARE, 91, normalShare",
    "BULK_SHARE, -1, bulkShare",
    "CANCELLATION_BYTES, 0, cancellationBytes",
    "HUNG_AFTER, 0s, hungAfter"
  })
  void aWrongValueIsNamed(String variable, String value, String setting) {
    assertThatThrownBy(() -> read(Map.of("UTTER_SYNTHESIS_" + variable, value)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("synthesis." + setting + " is " + value);
  }

  @Test
  void theRecordsCheckTheirValuesToo() {
    // Given
    Duration second = Duration.ofSeconds(1);

    // Then
    assertThatThrownBy(() -> new Suspects(Duration.ZERO, second, second))
        .hasMessageContaining("synthesis.suspectWait is 0s");
    assertThatThrownBy(() -> new Suspects(second, Duration.ZERO, second))
        .hasMessageContaining("synthesis.suspectAlone is 0s");
    assertThatThrownBy(() -> new Suspects(second, second, Duration.ZERO))
        .hasMessageContaining("synthesis.suspectDrain is 0s");
    assertThatThrownBy(() -> new CancellationMemory(0, second))
        .hasMessageContaining("synthesis.cancellationBytes is 0");
    assertThatThrownBy(() -> new SynthesisSettings.Retries(second, second, Duration.ZERO))
        .hasMessageContaining("synthesis.patience is 0s");
    assertThatThrownBy(() -> new SynthesisSettings.Retries(second, Duration.ZERO, second))
        .hasMessageContaining("synthesis.maxRetry is 0s");
    assertThatThrownBy(() -> SynthesisSettings.defaults(" ", ACCESS)).hasMessage("worker is blank");
  }

  private static SynthesisSettings read(Map<String, String> variables) {
    return SynthesisSettings.read(
        new SettingsSource(
            JsonNodeFactory.instance.objectNode(), new SettingsEnvironment(variables)),
        "worker-1",
        ACCESS,
        "team",
        Duration.ofDays(1));
  }

  private static SynthesisSettings settings(int contextThreads) {
    return new SynthesisSettings(
        "worker-1",
        ACCESS,
        contextThreads,
        OptionalInt.empty(),
        OptionalInt.empty(),
        256L << 20,
        50_000_000,
        64L << 20,
        new SynthesisSettings.Retries(
            Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(15)),
        new Suspects(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofMinutes(2)),
        new LaneShares(20, 5),
        "utter.publisher",
        new CancellationMemory(64L << 20, Duration.ofDays(7)),
        Duration.ofMinutes(5));
  }
}
