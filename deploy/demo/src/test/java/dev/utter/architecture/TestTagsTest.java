package dev.utter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.utter.architecture.breaking.tests.StartingABroker;
import dev.utter.architecture.breaking.tests.StartingTheStoreAlone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The border between unit tests, which {@code mvn test} runs, and integration tests. */
class TestTagsTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final List<Path> MODULES = modules();
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .importPaths(
              MODULES.stream()
                  .flatMap(
                      module ->
                          Stream.of("target/classes", "target/test-classes").map(module::resolve))
                  .toList());

  @Test
  void aTestThatStartsABrokerHasTheTagIntegration() {
    assertThat(ALL.stream().filter(TestTagsTest::isTest))
        .filteredOn(type -> !isIntegrationTest(type) && BrokerUse.startsABroker(type))
        .extracting(JavaClass::getName)
        .as("unit tests that start a Kafka broker; they want @Tag(\"integration\")")
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev.utter.demo.DemoTest",
        "dev.utter.benchmarks.PipelineBenchTest",
      })
  void whatStartsTheWholeThroughACommandHasItToo(String test) {
    assertThat(isIntegrationTest(ALL.get(test))).isTrue();
  }

  @Test
  void aBrokerIsFoundBehindOtherCalls() {
    assertThat(BrokerUse.startsABroker(ALL.get(StartingABroker.class))).isTrue();
    assertThat(BrokerUse.startsABroker(ALL.get(StartingTheStoreAlone.class))).isFalse();
  }

  @Test
  void everyModuleIsLookedAt() {
    assertThat(MODULES)
        .hasSizeGreaterThanOrEqualTo(9)
        .allSatisfy(module -> assertThat(ALL).anyMatch(type -> isTest(type) && isOf(type, module)));
  }

  private static boolean isTest(JavaClass type) {
    return type.isTopLevelClass() && type.getSimpleName().endsWith("Test");
  }

  private static boolean isIntegrationTest(JavaClass type) {
    return type.tryGetAnnotationOfType(Tag.class)
        .map(tag -> tag.value().equals("integration"))
        .orElse(false);
  }

  private static boolean isOf(JavaClass type, Path module) {
    return type.getSource().orElseThrow().getUri().getPath().startsWith(module + "/");
  }

  private static List<Path> modules() {
    try (Stream<Path> folders = Files.walk(ROOT, 3)) {
      return folders.filter(folder -> Files.isDirectory(folder.resolve("src/test/java"))).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
