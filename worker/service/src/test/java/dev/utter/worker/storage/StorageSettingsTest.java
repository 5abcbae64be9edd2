package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.storage.secret.StorageCredentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StorageSettingsTest {
  private static final URI ENDPOINT = URI.create("https://s3.example.org:9000");
  private static final StorageCredentials KEYS = new StorageCredentials("key", "hush");

  @Test
  void defaultsAreExactlyThese() {
    assertThat(StorageSettings.defaults(ENDPOINT, KEYS))
        .isEqualTo(
            new StorageSettings(
                ENDPOINT,
                "us-east-1",
                KEYS,
                Duration.ofMinutes(2),
                50_000_000,
                Map.of(),
                Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://s3.example.org",
        "s3.example.org",
        "https://s3.example.org/bucket",
        "https://s3.example.org?x=1",
        "https://s3.example.org#x",
        "https:///nohost"
      })
  void refusesEndpointsThatAreMoreOrLessThanAServer(String endpoint) {
    assertThatThrownBy(() -> StorageSettings.defaults(URI.create(endpoint), KEYS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("endpoint is " + endpoint);
  }

  @Test
  void refusesAUserInTheEndpointWithoutRepeatingIt() {
    assertThatThrownBy(() -> StorageSettings.defaults(URI.create("http://me:hush@host"), KEYS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("endpoint is a URL with a user")
        .hasMessageNotContaining("hush");
  }

  @Test
  void refusesTimeoutsAndSizesOutOfRange() {
    assertThatThrownBy(() -> with(Duration.ZERO, 1))
        .hasMessage("storage.callTimeout is 0s, must be 1ms or more");
    assertThatThrownBy(() -> with(Duration.ofSeconds(-1), 1))
        .hasMessage("storage.callTimeout is PT-1S, must be 1ms or more");
    assertThatThrownBy(() -> with(Duration.ofSeconds(1), 0))
        .hasMessage("storage.maxObjectBytes is 0, must be 1 to 1000000000");
    assertThatThrownBy(() -> with(Duration.ofSeconds(1), 1_000_000_001))
        .hasMessage("storage.maxObjectBytes is 1000000001, must be 1 to 1000000000");
  }

  @Test
  void refusesCredentialsWithALineEnd() {
    assertThatThrownBy(() -> new StorageCredentials("key", "hush\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("secretKey must not be blank, nor begin or end with white space")
        .hasMessageNotContaining("hush");
  }

  @Test
  void keepsSecretsOutOfItsText() {
    StorageSettings settings =
        new StorageSettings(
            ENDPOINT,
            "us-east-1",
            new StorageCredentials("key", "hush", Optional.of("hush-token")),
            Duration.ofSeconds(1),
            1,
            Map.of("X-Tenant-Token", "hush-header"),
            Optional.of(Path.of("ca.pem")));

    assertThat(settings.toString())
        .contains("accessKey=key", "X-Tenant-Token", "ca.pem")
        .doesNotContain("hush");
  }

  private static StorageSettings with(Duration callTimeout, long maxObjectBytes) {
    return new StorageSettings(
        ENDPOINT, "us-east-1", KEYS, callTimeout, maxObjectBytes, Map.of(), Optional.empty());
  }
}
