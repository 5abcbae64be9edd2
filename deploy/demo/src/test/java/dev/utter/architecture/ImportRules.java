package dev.utter.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which module may use which, and that no packages form a cycle. Each rule is a template over a
 * root package, so that the test can hold it against classes that break it.
 */
final class ImportRules {
  private final String root;

  ImportRules(String root) {
    this.root = root;
  }

  ArchRule speechUsesNothingOfOurs() {
    return only("speech");
  }

  ArchRule eventsUseNothingOfOurs() {
    return only("events");
  }

  ArchRule workerUsesSpeechAndEvents() {
    return only("worker", "speech", "events");
  }

  ArchRule producerUsesEvents() {
    return only("producer", "events");
  }

  /** It is what a team copies. */
  ArchRule clientOfTheProducerStandsAlone() {
    return only("producer.client", "events");
  }

  ArchRule embeddedUsesEvents() {
    return only("embedded", "events");
  }

  ArchRule cliUsesTheWorkerAndSpeech() {
    return only("cli", "worker", "speech", "events");
  }

  ArchRule chaosUsesNeitherDemoNorBenchmarks() {
    return only("chaos", "cli", "worker", "speech", "events", "embedded");
  }

  ArchRule demoUsesNeitherBenchmarksNorChaos() {
    return only("demo", "cli", "worker", "speech", "events", "embedded", "producer");
  }

  ArchRule benchmarksUseNeitherDemoNorChaos() {
    return only("benchmarks", "cli", "worker", "speech", "events", "embedded", "producer");
  }

  /** Everything else works with the published networks, so no clip of it goes unmarked. */
  ArchRule onlyTheBenchmarkReplacesTheNetworks() {
    return classes()
        .that(resideInAPackage(root + ".."))
        .and(not(resideInAnyPackage(root + ".worker..", root + ".benchmarks.pipeline..")))
        .should()
        .onlyDependOnClassesThat(not(name(root + ".worker.network.Networks")));
  }

  ArchRule noPackageCycles() {
    return slices().matching(root + ".(**)").should().beFreeOfCycles();
  }

  private ArchRule only(String module, String... used) {
    List<String> allowed = new ArrayList<>(List.of(root + "." + module + ".."));
    Arrays.stream(used).map(other -> root + "." + other + "..").forEach(allowed::add);
    return classes()
        .that(resideInAPackage(root + "." + module + ".."))
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage(root + ".."))
                .or(resideInAnyPackage(allowed.toArray(String[]::new))));
  }
}
