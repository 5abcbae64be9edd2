package dev.utter.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.torch.EngineSettings.Precision;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineBenchSettingsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 25, 3, 1, batch is 0",
    "1, -1, 25, 3, 1, context is -1",
    "1, 0, 1, 3, 1, frames is 1",
    "1, 0, 25, 0, 1, rounds is 0",
    "1, 0, 25, 3, 0, threads is 0",
  })
  void aValueThatMeasuresNothingIsRefusedByName(
      int batch, int context, int frames, int rounds, int threads, String message) {
    assertThatThrownBy(() -> settings(batch, context, frames, rounds, OptionalInt.of(threads)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void withoutANumberOfThreadsEveryProcessorIsUsed() {
    assertThat(settings(1, 0, 2, 1, OptionalInt.empty()).threadCount())
        .isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(settings(1, 0, 2, 1, OptionalInt.of(3)).threadCount()).isEqualTo(3);
  }

  private static EngineBenchSettings settings(
      int batch, int context, int frames, int rounds, OptionalInt threads) {
    return new EngineBenchSettings(
        List.of(Precision.FLOAT32),
        List.of(batch),
        List.of(context),
        frames,
        rounds,
        "cpu",
        threads,
        0,
        false,
        Optional.empty(),
        false,
        Optional.empty(),
        true,
        Optional.empty());
  }
}
