package dev.utter.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.trace.TracingSettings;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WorkerTracingTest {

  /** All classes of this test, without those of OpenTelemetry. */
  private static final class WithoutOpenTelemetry extends URLClassLoader {
    private WithoutOpenTelemetry() {
      super(
          Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
              .filter(entry -> !entry.contains("opentelemetry"))
              .map(WithoutOpenTelemetry::url)
              .toArray(URL[]::new),
          ClassLoader.getPlatformClassLoader());
    }

    private static URL url(String entry) {
      try {
        return new File(entry).toURI().toURL();
      } catch (MalformedURLException e) {
        throw new IllegalArgumentException(e);
      }
    }
  }

  @Test
  void tracesThatAreOffNeedNoClassOfOpenTelemetry() throws Exception {
    try (URLClassLoader classes = new WithoutOpenTelemetry()) {
      Object off = start(classes, Map.of("OTEL_SERVICE_NAME", "speech"));

      assertThat(off.getClass().getName()).endsWith(".CarriedTracing");
      assertThatThrownBy(
              () -> start(classes, Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")))
          .isInstanceOf(InvocationTargetException.class)
          .hasCauseInstanceOf(NoClassDefFoundError.class);
    }
  }

  private static Object start(ClassLoader classes, Map<String, String> environment)
      throws ReflectiveOperationException {
    Class<?> settings = classes.loadClass(TracingSettings.class.getName());
    Method start =
        classes
            .loadClass(WorkerTracing.class.getName())
            .getDeclaredMethod("start", settings, String.class);
    start.setAccessible(true);
    return start.invoke(
        null, settings.getMethod("read", Map.class).invoke(null, environment), "worker-1");
  }
}
