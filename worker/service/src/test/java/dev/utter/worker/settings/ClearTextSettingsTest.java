package dev.utter.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.avro.RegistrySettings;
import dev.utter.worker.settings.source.SettingsException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClearTextSettingsTest {
  private static final ClearTextSettings NONE = ClearTextSettings.NONE;
  private static final ClearTextSettings ALL = new ClearTextSettings(true, true, true);
  private static final Map<String, String> TLS = Map.of("security.protocol", "SSL");
  private static final Map<String, String> PLAIN = Map.of("security.protocol", "sasl_plaintext");

  @Test
  void aWorkerDoesNotStartWithClearTextThatIsNotAllowed() {
    // Given
    String file =
        """
        worker: {roles: [status]}
        kafka: {bootstrapServers: "broker-1:9092"}
        registry: {url: "http://registry:8081"}
        """;

    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(file, Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            "kafka.bootstrapServers has broker-1:9092, to which everything would go in clear text:"
                + " set kafka.properties: {security.protocol: SSL} or SASL_SSL, or"
                + " allowClearText.kafka: true where nobody else can reach the network between");
    assertThatThrownBy(
            () -> WorkerSettings.parse(file, Map.of("UTTER_ALLOW_CLEAR_TEXT_KAFKA", "true")))
        .hasMessageContaining("registry.url has http://registry:8081")
        .hasMessageContaining("allowClearText.registry: true");
    assertThat(
            WorkerSettings.parse(file + "allowClearText: {kafka: true, registry: true}", Map.of())
                .describe())
        .contains("allowClearText:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost:9092", "127.0.0.1:9092,127.0.0.2:9093", "[::1]:9092", "a.localhost:1"})
  void theLoopbackDeviceNeedsNoTls(String brokers) {
    NONE.check(kafka(brokers, Map.of(), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"broker:9092", "localhost:9092, 10.0.0.7:9092", "127.0.0.1.evil.test:1"})
  void otherBrokersNeedIt(String brokers) {
    assertThatThrownBy(() -> NONE.check(kafka(brokers, Map.of(), Map.of())))
        .isInstanceOf(SettingsException.class);
    assertThatThrownBy(() -> NONE.check(kafka(brokers, PLAIN, Map.of())))
        .isInstanceOf(SettingsException.class);
    assertThatThrownBy(
            () ->
                NONE.check(
                    kafka(brokers, TLS, Map.of("main.consumer.security.protocol", "PLAINTEXT"))))
        .isInstanceOf(SettingsException.class);
    NONE.check(kafka(brokers, TLS, Map.of()));
    ALL.check(kafka(brokers, PLAIN, Map.of()));
  }

  @Test
  void passwordsDoNotGoToAnOauthServerInClearTextEither() {
    // Given
    Map<String, String> oauth =
        Map.of(
            "security.protocol",
            "SASL_SSL",
            "sasl.oauthbearer.token.endpoint.url",
            "http://login.internal/token");

    // Then
    assertThatThrownBy(() -> NONE.check(kafka("broker:9092", oauth, Map.of())))
        .hasMessageContaining("sasl.oauthbearer.token.endpoint.url");
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry:8081, true",
    "http://localhost:8081, true",
    "http://[::1]:8081, true",
    "http://registry:8081, false",
    "HTTP://10.1.2.3, false",
    "http://localhost.evil.test, false",
  })
  void registryAndStoreAreHeldToTheSame(String url, boolean fine) {
    // Given
    RegistrySettings registry =
        new RegistrySettings(url.replace("HTTP:", "http:"), Map.of(), Duration.ZERO);

    // Then
    if (fine) {
      NONE.check(registry);
      NONE.check(URI.create(url));
    } else {
      assertThatThrownBy(() -> NONE.check(registry))
          .hasMessageContaining("allowClearText.registry");
      assertThatThrownBy(() -> NONE.check(URI.create(url)))
          .hasMessageContaining("allowClearText.storage");
    }
    ALL.check(registry);
    ALL.check(URI.create(url));
  }

  private static KafkaSettings kafka(
      String brokers, Map<String, String> properties, Map<String, String> streams) {
    KafkaSettings defaults = KafkaSettings.defaults(brokers);
    return new KafkaSettings(
        brokers,
        defaults.groupPrefix(),
        defaults.stateFolder(),
        defaults.stateCacheBytes(),
        properties,
        Map.of(),
        Map.of(),
        streams,
        Optional.empty());
  }
}
