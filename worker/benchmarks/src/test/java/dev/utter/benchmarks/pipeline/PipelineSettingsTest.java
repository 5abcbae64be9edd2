package dev.utter.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.benchmarks.pipeline.PipelineSettings.Engine;
import dev.utter.benchmarks.pipeline.PipelineSettings.Load;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PipelineSettingsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void takesAnOpenLoadOfJobsThatTakeNoTime() {
    assertThat(open(List.of(1, 4), 8, Duration.ZERO, 5, 64).workers()).containsExactly(1, 4);
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("workers is []", List.of(), 8, SECOND, 5.0, 64),
        Arguments.of("workers is [1, 0]", List.of(1, 0), 8, SECOND, 5.0, 64),
        Arguments.of("slots is 0", List.of(1), 0, SECOND, 5.0, 64),
        Arguments.of("job is PT-1S", List.of(1), 8, SECOND.negated(), 5.0, 64),
        Arguments.of("rate is 0.0", List.of(1), 8, SECOND, 0.0, 64),
        Arguments.of("rate is NaN", List.of(1), 8, SECOND, Double.NaN, 64),
        Arguments.of("partitions is 0", List.of(1), 8, SECOND, 5.0, 0));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void namesTheWrongValue(
      String message, List<Integer> workers, int slots, Duration job, double rate, int partitions) {
    assertThatThrownBy(() -> open(workers, slots, job, rate, partitions))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void saturatesOnlyWhereItIsKnownHowMuchIsEnough() {
    assertThatThrownBy(() -> settings(Engine.WAITING, Load.SATURATING, Duration.ZERO))
        .hasMessageContaining("a job above 0");
    assertThatThrownBy(() -> settings(Engine.REAL, Load.SATURATING, SECOND))
        .hasMessageContaining("the waiting engine");
    assertThat(settings(Engine.WAITING, Load.SATURATING, SECOND).load()).isEqualTo(Load.SATURATING);
  }

  private static PipelineSettings settings(Engine engine, Load load, Duration job) {
    return settings(List.of(1), 8, engine, job, load, 5, 64);
  }

  private static PipelineSettings open(
      List<Integer> workers, int slots, Duration job, double rate, int partitions) {
    return settings(workers, slots, Engine.WAITING, job, Load.OPEN, rate, partitions);
  }

  private static PipelineSettings settings(
      List<Integer> workers,
      int slots,
      Engine engine,
      Duration job,
      Load load,
      double rate,
      int partitions) {
    return new PipelineSettings(
        workers,
        slots,
        engine,
        job,
        SECOND,
        load,
        Arrivals.FIXED,
        rate,
        Duration.ZERO,
        SECOND,
        partitions,
        1,
        Path.of("model"),
        Path.of("watermark"),
        SECOND);
  }
}
