package dev.utter.benchmarks.pipeline;

import dev.utter.worker.settings.source.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations of the command line, spelt as in the worker's settings. */
final class TimeConverter implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    return Durations.parse(text)
        .orElseThrow(
            () -> new TypeConversionException("'" + text + "' is no time such as 100ms, 1s or 5m"));
  }
}
