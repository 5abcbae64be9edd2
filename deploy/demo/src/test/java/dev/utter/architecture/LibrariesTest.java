package dev.utter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LibrariesTest {
  private static final String BREAKING = "dev.utter.architecture.breaking";
  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.utter");
  private static final JavaClasses RULE_BREAKERS =
      new ClassFileImporter().importPackages(BREAKING + ".events");

  static Stream<Named<Function<LibraryRules, ArchRule>>> rules() {
    return Stream.of(
        Named.of("DJL", LibraryRules::djlIsForTheNetworks),
        Named.of("Kafka clients", LibraryRules::kafkaClientsAreForWhatReadsAndPublishes),
        Named.of("Kafka Streams", LibraryRules::kafkaStreamsIsForTheStages),
        Named.of("MinIO", LibraryRules::minioIsForTheStore),
        Named.of("OkHttp", LibraryRules::okHttpIsForTheStore),
        Named.of("Confluent", LibraryRules::confluentIsForEncodingAndDecoding),
        Named.of("Micrometer", LibraryRules::micrometerIsForTelemetry),
        Named.of("Logback", LibraryRules::logbackIsForTheLevelsOfTheLog),
        Named.of("OpenTelemetry", LibraryRules::openTelemetryIsForTraces),
        Named.of("picocli", LibraryRules::picocliIsForPrograms));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theProductKeepsTheRule(Function<LibraryRules, ArchRule> rule) {
    rule.apply(new LibraryRules("dev.utter", "")).check(PRODUCT);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theRuleIsBrokenByAClassMadeToBreakIt(Function<LibraryRules, ArchRule> rule) {
    // When
    boolean broken =
        rule.apply(new LibraryRules(BREAKING, BREAKING + ".lib."))
            .evaluate(RULE_BREAKERS)
            .hasViolation();

    // Then
    assertThat(broken).isTrue();
  }

  /** A library that moves to another package would leave its rule without effect. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ai.djl.",
        "org.apache.kafka.clients.",
        "org.apache.kafka.streams.",
        "io.minio.",
        "okhttp3.",
        "io.confluent.",
        "io.micrometer.",
        "ch.qos.logback.",
        "io.opentelemetry.",
        "picocli."
      })
  void theProductUsesTheLibrary(String library) {
    assertThat(PRODUCT)
        .anySatisfy(
            type ->
                assertThat(type.getDirectDependenciesFromSelf())
                    .anySatisfy(
                        used -> assertThat(used.getTargetClass().getName()).startsWith(library)));
  }
}
