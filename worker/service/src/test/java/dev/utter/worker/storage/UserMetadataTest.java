package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.minio.Http;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UserMetadataTest {
  @Test
  void takesLowerCaseKeysWithPlainValues() {
    assertThatCode(() -> UserMetadata.check(Map.of("request-id", "a:b", "model", "csm 1b")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Request-Id", "request_id", "-id", "schlüssel", "a b"})
  void refusesOtherKeys(String key) {
    assertThatThrownBy(() -> UserMetadata.check(Map.of(key, "value")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("metadata key \"" + key + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a", "a ", "a\nb", "a\u0000b", "ä", "🎧"})
  void refusesValuesThatStoresChange(String value) {
    assertThatThrownBy(() -> UserMetadata.check(Map.of("key", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("metadata value of \"key\" must be printable ASCII");
  }

  @Test
  void refusesMoreThanS3Takes() {
    assertThatThrownBy(() -> UserMetadata.check(Map.of("key", "x".repeat(2046))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2049 bytes");
  }

  @Test
  void takesAsMuchAsS3Takes() {
    assertThatCode(() -> UserMetadata.check(Map.of("key", "x".repeat(2045))))
        .doesNotThrowAnyException();
  }

  @Test
  void readsKeysInLowerCase() {
    assertThat(UserMetadata.of(new Http.Headers(Map.of("Request-Id", "A"))))
        .containsExactly(Map.entry("request-id", "A"));
  }
}
