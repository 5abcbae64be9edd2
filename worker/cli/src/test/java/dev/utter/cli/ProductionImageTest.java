package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contents of a production image: the libraries of this module, without those of its tests. */
class ProductionImageTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));

  /** Each library or module of the project that must not be in the image. */
  private static final List<Pattern> FORBIDDEN =
      Stream.of(
              "kafka_2\\.\\d+-.*",
              "kafka-(server|metadata|raft|storage|group-coordinator|transaction-coordinator).*",
              "scala-.*",
              "s3proxy-.*",
              "jclouds-.*",
              "jetty-.*",
              "jmh-.*",
              "sphinx4-.*",
              "junit-.*",
              "opentelemetry-exporter-sender-(okhttp|grpc).*",
              "archunit.*",
              "utter-(embedded|client|producer-sample|benchmarks|demo|chaos)-.*",
              "(deploy/.*|producer-sample(/client)?|worker/benchmarks)/target/classes")
          .map(Pattern::compile)
          .toList();

  @Test
  void hasNoBrokerNoStoreNoBenchmarkAndNoDemo() throws IOException {
    assertThat(forbidden(production())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka-clients-",
        "kafka-streams-",
        "minio-",
        "opentelemetry-exporter-otlp-",
        "opentelemetry-exporter-sender-jdk-",
        "pytorch-engine-",
        "logback-classic-"
      })
  void hasWhatTheWorkerNeeds(String library) throws IOException {
    assertThat(production()).anyMatch(entry -> entry.startsWith(library));
  }

  /**
   * The tests of this module have broker and store in their class path, so the check must find them
   * there.
   */
  @ParameterizedTest
  @ValueSource(strings = {"kafka_2.13-", "kafka-server-", "scala-library-", "s3proxy-", "junit-"})
  void whatIsForbiddenIsFoundInTheClassPathOfTests(String library) {
    assertThat(forbidden(names(System.getProperty("java.class.path"))))
        .anyMatch(entry -> entry.startsWith(library))
        .anyMatch(entry -> entry.contains("embedded"))
        .anyMatch(entry -> entry.contains("producer-sample"));
  }

  @Test
  void isBuiltFromThisModuleAlone() throws IOException {
    // When
    String file = Files.readString(HOME.resolve("deploy/docker/Dockerfile"));
    String worker = file.substring(file.indexOf(" AS worker\n"));

    // Then
    assertThat(file).contains("-DincludeScope=runtime");
    assertThat(worker.lines().filter(line -> line.contains("/opt/utter/lib")))
        .containsExactly("COPY --from=build /src/worker/cli/target/lib /opt/utter/lib");
  }

  private static List<String> production() throws IOException {
    return names(Files.readString(HOME.resolve("worker/cli/target/production-classpath")));
  }

  private static List<String> forbidden(List<String> names) {
    return names.stream()
        .filter(name -> FORBIDDEN.stream().anyMatch(bad -> bad.matcher(name).matches()))
        .toList();
  }

  /** Libraries by their file name, modules of the project by their folder. */
  private static List<String> names(String classPath) {
    return Stream.of(classPath.strip().split(Pattern.quote(File.pathSeparator)))
        .map(Path::of)
        .map(
            entry ->
                entry.startsWith(HOME)
                    ? HOME.relativize(entry).toString()
                    : entry.getFileName().toString())
        .map(name -> name.endsWith(".jar") ? name.substring(name.lastIndexOf('/') + 1) : name)
        .toList();
  }
}
