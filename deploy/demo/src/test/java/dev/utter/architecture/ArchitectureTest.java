package dev.utter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {
  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.utter");
  private static final JavaClasses RULE_BREAKERS =
      new ClassFileImporter().importPackages("dev.utter.architecture.breaking");

  static Stream<Named<Function<ImportRules, ArchRule>>> rules() {
    return Stream.of(
        Named.of("speech uses nothing of ours", ImportRules::speechUsesNothingOfOurs),
        Named.of("events use nothing of ours", ImportRules::eventsUseNothingOfOurs),
        Named.of("worker uses speech and events", ImportRules::workerUsesSpeechAndEvents),
        Named.of("producer uses events", ImportRules::producerUsesEvents),
        Named.of("producer's client stands alone", ImportRules::clientOfTheProducerStandsAlone),
        Named.of("embedded uses events", ImportRules::embeddedUsesEvents),
        Named.of("cli uses worker and speech", ImportRules::cliUsesTheWorkerAndSpeech),
        Named.of(
            "chaos uses neither demo nor benchmarks",
            ImportRules::chaosUsesNeitherDemoNorBenchmarks),
        Named.of(
            "demo uses neither benchmarks nor chaos",
            ImportRules::demoUsesNeitherBenchmarksNorChaos),
        Named.of(
            "benchmarks use neither demo nor chaos", ImportRules::benchmarksUseNeitherDemoNorChaos),
        Named.of(
            "only the benchmark replaces the networks",
            ImportRules::onlyTheBenchmarkReplacesTheNetworks),
        Named.of("no package cycles", ImportRules::noPackageCycles));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theProductKeepsTheRule(Function<ImportRules, ArchRule> rule) {
    rule.apply(new ImportRules("dev.utter")).check(PRODUCT);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theRuleIsBrokenByClassesMadeToBreakIt(Function<ImportRules, ArchRule> rule) {
    // When
    boolean broken =
        rule.apply(new ImportRules("dev.utter.architecture.breaking"))
            .evaluate(RULE_BREAKERS)
            .hasViolation();

    // Then
    assertThat(broken).isTrue();
  }

  @Test
  void aPackageAndOneBelowItFormACycle() {
    // Given
    String root = "dev.utter.architecture.breaking.nested";
    JavaClasses nested = new ClassFileImporter().importPackages(root);

    // When
    boolean broken = new ImportRules(root).noPackageCycles().evaluate(nested).hasViolation();

    // Then
    assertThat(broken).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "speech",
        "events",
        "worker",
        "producer",
        "embedded",
        "cli",
        "benchmarks",
        "chaos",
        "demo"
      })
  void everyModuleIsLookedAt(String module) {
    assertThat(PRODUCT)
        .anySatisfy(type -> assertThat(type.getPackageName()).startsWith("dev.utter." + module));
  }

  @Test
  void testClassesAreLeftOut() {
    assertThat(PRODUCT.contain(ArchitectureTest.class)).isFalse();
  }
}
