package dev.utter.worker.settings.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretNamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.truststore.password",
        "ssl.keystore.key",
        "basic.auth.user.info",
        "schema.registry.basic.auth.user.info",
        "bearer.auth.token",
        "bearer.auth.client.secret",
        "request.header.X-Api",
        "Authorization",
        "secretKey",
        "sessionToken",
        "sasl.oauthbearer.client.credentials.client.secret"
      })
  void holdsASecret(String name) {
    assertThat(SecretNames.isSecret(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "security.protocol",
        "sasl.mechanism",
        "ssl.keystore.location",
        "ssl.keystore.type",
        "privateKeyFile",
        "ssl.truststore.certificates",
        "sasl.oauthbearer.token.endpoint.url",
        "basic.auth.credentials.source",
        "key.subject.name.strategy",
        "bootstrap.servers"
      })
  void holdsNoSecret(String name) {
    assertThat(SecretNames.isSecret(name)).isFalse();
  }
}
