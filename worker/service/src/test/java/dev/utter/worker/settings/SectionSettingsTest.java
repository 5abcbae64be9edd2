package dev.utter.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.admission.AdmissionSettings;
import dev.utter.worker.avro.RegistrySettings;
import dev.utter.worker.publisher.PublisherLimits;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.signing.SigningSettings;
import dev.utter.worker.status.StatusSettings;
import dev.utter.worker.storage.OutputSettings;
import dev.utter.worker.telemetry.HttpSettings;
import dev.utter.worker.verification.VerificationSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each settings record checks its values itself, wherever they come from. */
class SectionSettingsTest {
  private static final Duration DAY = Duration.ofDays(1);

  static Stream<Arguments> wrongValues() {
    return Stream.of(
        wrong("admission.maxTextChars is 0", () -> new AdmissionSettings(0, 1, DAY)),
        wrong("admission.maxTextChars is 20001", () -> new AdmissionSettings(20_001, 1, DAY)),
        wrong("admission.maxTopK is 0", () -> new AdmissionSettings(1, 0, DAY)),
        wrong(
            "admission.retention is 0s, must be above 0s",
            () -> new AdmissionSettings(1, 1, Duration.ZERO)),
        wrong("admission.retention is null", () -> new AdmissionSettings(1, 1, null)),
        wrong("status.retention is PT-1S", () -> new StatusSettings(Duration.ofSeconds(-1))),
        wrong(
            "verification.patience is 16s, must be 0s to 15s",
            () -> new VerificationSettings(Duration.ofSeconds(16), 1, 1)),
        wrong("detectedShare is 0.0", () -> new VerificationSettings(Duration.ZERO, 1, 0)),
        wrong("requestsPerMinute is 0", () -> new VerificationSettings(Duration.ZERO, 0, 1)),
        wrong(
            "signing.privateKeyFile: /no/such/key cannot be read",
            () -> new SigningSettings(Optional.of(Path.of("/no/such/key")))),
        wrong(
            "publishers.header is \" \"",
            () -> new PublisherSettings(" ", PublisherLimits.NONE, Map.of())),
        wrong(
            "publishers.overrides has the publisher \"a b\"",
            () ->
                new PublisherSettings(
                    "a", PublisherLimits.NONE, Map.of("a b", PublisherLimits.NONE))),
        wrong("requestsPerMinute is -1", () -> new PublisherLimits(-1, 0)),
        wrong("audioSecondsPerMinute is -1", () -> new PublisherLimits(0, -1)),
        wrong("http.port is -1", () -> new HttpSettings("127.0.0.1", -1)),
        wrong("http.address is \" \", must not be blank", () -> new HttpSettings(" ", 0)),
        wrong("kafka.createTopics.replication is 0", () -> new TopicCreation(1, OptionalInt.of(0))),
        wrong("partitions is 0", () -> new TopicCreation(0, OptionalInt.of(1))),
        wrong("worker.roles is empty", () -> new ProcessSettings("a", Set.of(), false, DAY)),
        wrong("worker.name is \"a b\"", () -> ProcessSettings.defaults("a b")),
        wrong("output.prefix is \"/a\"", () -> new OutputSettings("abc", "/a", Optional.empty())),
        wrong("output.bucket is \"B\"", () -> new OutputSettings("B", "a", Optional.empty())),
        wrong("kafka.bootstrapServers", () -> KafkaSettings.defaults(" ")),
        wrong(
            "registry.url is \"ftp://a\"",
            () -> new RegistrySettings("ftp://a", Map.of(), Duration.ZERO)),
        wrong(
            "registry.properties sets schema.registry.url",
            () ->
                new RegistrySettings(
                    "http://a", Map.of("schema.registry.url", "http://b"), Duration.ZERO)),
        wrong(
            "registry.properties sets use.schema.id, must not",
            () -> new RegistrySettings("http://a", Map.of("use.schema.id", "7"), Duration.ZERO)),
        wrong(
            "registry.unknownSchemaWait is 6m, must be 0s to 5m",
            () -> new RegistrySettings("http://a", Map.of(), Duration.ofMinutes(6))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongValues")
  void aWrongValueIsNamed(String message, ThrowingCallable construction) {
    assertThatThrownBy(construction).hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "enable.auto.commit",
        "isolation.level",
        "transactional.id",
        "transaction.timeout.ms",
        "max.poll.records",
        "group.id",
        "acks"
      })
  void clientPropertiesThatPromisesDependOnAreRefused(String key) {
    assertThatThrownBy(() -> kafka(Map.of(key, "x")))
        .hasMessage("kafka.producer sets [" + key + "], which the worker sets itself");
  }

  @Test
  void theDefaultsAreAsDocumented() {
    // Given
    AdmissionSettings admission = AdmissionSettings.defaults();

    // Then
    assertThat(admission.maxTextChars()).isEqualTo(4000);
    assertThat(admission.maxTopK()).isEqualTo(2048);
    assertThat(admission.retention()).isEqualTo(Duration.ofDays(7));
    assertThat(StatusSettings.defaults().retention()).isEqualTo(Duration.ofDays(30));
    assertThat(VerificationSettings.defaults().requestsPerMinute()).isEqualTo(60);
    assertThat(HttpSettings.defaults()).isEqualTo(new HttpSettings("0.0.0.0", 8080));
    assertThat(KafkaSettings.defaults("a:1").createTopics()).isEmpty();
    assertThat(ProcessSettings.defaults("a").roles()).containsExactly(Role.values());
  }

  private static KafkaSettings kafka(Map<String, String> producer) {
    KafkaSettings defaults = KafkaSettings.defaults("a:1");
    return new KafkaSettings(
        defaults.bootstrapServers(),
        defaults.groupPrefix(),
        defaults.stateFolder(),
        defaults.stateCacheBytes(),
        Map.of(),
        Map.of(),
        producer,
        Map.of(),
        Optional.empty());
  }

  private static Arguments wrong(String message, ThrowingCallable construction) {
    return Arguments.of(message, construction);
  }
}
