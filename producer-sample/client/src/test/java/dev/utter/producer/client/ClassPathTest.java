package dev.utter.producer.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A team that depends on the client gets what talks to Kafka, registry and store, and no more. */
class ClassPathTest {
  private static final String HOME = System.getProperty("utter.home");
  private static final Path CLASS_PATH = Path.of("target/classpath");

  /** What the client needs itself, and what its libraries need. */
  private static final Set<String> LIBRARIES =
      Set.of(
          "annotations",
          "avro",
          "bcprov-jdk18on",
          "commons-codec",
          "commons-compress",
          "commons-io",
          "commons-lang3",
          "error_prone_annotations",
          "failureaccess",
          "guava",
          "j2objc-annotations",
          "jackson-annotations",
          "jackson-core",
          "jackson-databind",
          "jackson-datatype-jdk8",
          "jspecify",
          "kafka-clients",
          "kotlin-stdlib",
          "listenablefuture",
          "lz4-java",
          "minio",
          "okhttp",
          "okhttp-jvm",
          "okio",
          "okio-jvm",
          "opentelemetry-api",
          "opentelemetry-common",
          "opentelemetry-context",
          "simple-xml-safe",
          "slf4j-api",
          "snappy-java",
          "zstd-jni");

  @Test
  void nothingOfAWorkerOrOfAProgramComesWithTheClient() throws IOException {
    assertThat(classPath())
        .filteredOn(entry -> !entry.contains("/schemas/"))
        .extracting(ClassPathTest::artifact)
        .containsExactlyInAnyOrderElementsOf(LIBRARIES);
  }

  @Test
  void ofTheProjectOnlyEventsAndSerializersComeWithTheClient() throws IOException {
    assertThat(classPath())
        .filteredOn(entry -> entry.startsWith(HOME))
        .hasSize(2)
        .allMatch(entry -> entry.matches(".*/schemas/(events|confluent-serdes)/.*"));
  }

  private static String artifact(String entry) {
    return Path.of(entry).getFileName().toString().replaceFirst("-\\d.*", "");
  }

  private static List<String> classPath() throws IOException {
    return Stream.of(Files.readString(CLASS_PATH).strip().split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .toList();
  }
}
