package dev.utter.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

/**
 * Which packages may name which library. What is not among them is independent of it. Each rule is
 * a template over the root package and one in front of the libraries, so that the test can hold it
 * against classes that break it.
 */
final class LibraryRules {
  private final String root;
  private final String libraries;

  /**
   * Rules.
   *
   * @param root package of the classes looked at
   * @param libraries what stands in front of the libraries' packages, with a dot at its end
   */
  LibraryRules(String root, String libraries) {
    this.root = root;
    this.libraries = libraries;
  }

  /** The face of the engine, continuous batching, clip endings and audio files do not need it. */
  ArchRule djlIsForTheNetworks() {
    return only(
        "ai.djl",
        "speech.checkpoint",
        "speech.csm",
        "speech.mimi",
        "speech.parity",
        "speech.text",
        "speech.torch",
        "speech.watermark");
  }

  /** Neither the speech engine nor storage, settings and signatures know of Kafka. */
  ArchRule kafkaClientsAreForWhatReadsAndPublishes() {
    return only(
        "org.apache.kafka.clients",
        "worker.erasure",
        "worker.intake",
        "worker.operator",
        "worker.skip",
        "worker.start",
        "worker.streams",
        "worker.synthesis",
        "producer",
        "embedded",
        "benchmarks.pipeline",
        "chaos");
  }

  ArchRule kafkaStreamsIsForTheStages() {
    return only(
        "org.apache.kafka.streams",
        "worker",
        "worker.admission",
        "worker.status",
        "worker.streams",
        "worker.telemetry",
        "worker.verification");
  }

  ArchRule minioIsForTheStore() {
    return only("io.minio", "worker.storage", "producer");
  }

  ArchRule okHttpIsForTheStore() {
    return only("okhttp3", "worker.storage");
  }

  ArchRule confluentIsForEncodingAndDecoding() {
    return only("io.confluent", "worker.avro", "producer", "benchmarks.pipeline", "chaos");
  }

  ArchRule micrometerIsForTelemetry() {
    return only("io.micrometer", "worker.telemetry");
  }

  ArchRule logbackIsForTheLevelsOfTheLog() {
    return only("ch.qos.logback", "worker.telemetry.log");
  }

  ArchRule openTelemetryIsForTraces() {
    return only("io.opentelemetry", "worker.trace.otel", "producer.client", "producer.command");
  }

  ArchRule picocliIsForPrograms() {
    return only("picocli", "cli", "benchmarks", "chaos", "demo", "producer");
  }

  /** The root of the worker, which assembles it, is meant without the packages below. */
  private ArchRule only(String library, String... packages) {
    return noClasses()
        .that(resideInAPackage(root + ".."))
        .and(
            not(
                resideInAnyPackage(
                    Stream.of(packages)
                        .map(name -> root + "." + name + (name.equals("worker") ? "" : ".."))
                        .toArray(String[]::new))))
        .should()
        .dependOnClassesThat(resideInAPackage(libraries + library + ".."));
  }
}
