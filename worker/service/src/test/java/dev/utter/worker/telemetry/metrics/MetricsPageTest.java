package dev.utter.worker.telemetry.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.Verdict;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FinishReason;
import dev.utter.speech.Speech;
import dev.utter.speech.audio.AudioClip;
import dev.utter.worker.admission.AdmissionListener;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.synthesis.SynthesisListener;
import dev.utter.worker.telemetry.MetricsFormat;
import dev.utter.worker.verification.VerificationListener;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** The page for operators names every metric that the listeners of a worker make. */
class MetricsPageTest {
  private static final Path PAGE = Path.of(System.getProperty("utter.home"), "docs/operations.md");
  private static final Pattern NAME = Pattern.compile("`(utter)?(_[a-z_]+)`");
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** An argument of each type that a listener's methods have. */
  private static final Map<Class<?>, Object> ARGUMENTS =
      Map.ofEntries(
          Map.entry(int.class, 1),
          Map.entry(long.class, 1L),
          Map.entry(float.class, 1f),
          Map.entry(boolean.class, true),
          Map.entry(String.class, "a"),
          Map.entry(Duration.class, SECOND),
          Map.entry(Exception.class, new IllegalStateException()),
          Map.entry(TopicPartition.class, new TopicPartition("a", 0)),
          Map.entry(Priority.class, Priority.BULK),
          Map.entry(FailureCode.class, FailureCode.INTERNAL),
          Map.entry(Verdict.class, Verdict.MATCH),
          Map.entry(
              Speech.class,
              new Speech(
                  new AudioClip(new float[1], 24_000),
                  new AudioCodes(1, new int[1]),
                  FinishReason.END_OF_AUDIO,
                  1,
                  0,
                  SECOND,
                  SECOND,
                  SECOND,
                  SECOND)));

  private static void report(Class<?> listener, Object to) throws ReflectiveOperationException {
    for (Method method : listener.getMethods()) {
      Object[] arguments =
          Stream.of(method.getParameterTypes())
              .map(type -> Objects.requireNonNull(ARGUMENTS.get(type), type::getName))
              .toArray();
      method.invoke(to, arguments);
    }
  }

  private static Set<String> made() throws ReflectiveOperationException {
    PrometheusMeterRegistry engine = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new EngineMeters(
            () ->
                new EngineStatistics(
                    1,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    new EngineStatistics.Prefixes(0, 0, 0, 0, 0, 0, 0),
                    new EngineStatistics.Memory(0, 0, 0, 0, 0, 0)))
        .bindTo(engine);
    try (WorkerMetrics metrics = new WorkerMetrics("worker-1")) {
      report(AdmissionListener.class, metrics.admission());
      report(IntakeListener.class, metrics.intake(taken -> {}));
      report(SynthesisListener.class, metrics.synthesis());
      report(VerificationListener.class, metrics.verification());
      Set<String> names = new TreeSet<>();
      Stream.of(engine.scrape(), metrics.scrape(MetricsFormat.TEXT))
          .flatMap(String::lines)
          .filter(line -> line.startsWith("# TYPE utter_"))
          .map(line -> line.split(" ")[2].replaceFirst("_max$", ""))
          .forEach(names::add);
      return names;
    }
  }

  /**
   * The names of the page. One that begins with an underscore follows the name before it, or
   * replaces an end of that.
   */
  private static Set<String> documented() throws Exception {
    Set<String> names = new HashSet<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("| `utter_")) {
        String first = "";
        Matcher matcher = NAME.matcher(line.split("\\|")[1]);
        while (matcher.find()) {
          String end = matcher.group(2);
          if (matcher.group(1) == null) {
            for (int at = first.length(); at > 0; at = first.lastIndexOf('_', at - 1)) {
              names.add(first.substring(0, at) + end);
            }
          } else {
            first = matcher.group(1) + end;
            names.add(first);
          }
        }
      }
    }
    return names;
  }

  @Test
  void everyMetricHasARow() throws Exception {
    assertThat(made()).hasSizeGreaterThan(40).isSubsetOf(documented());
  }
}
