package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.utter.speech.cache.CacheFolder;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.storage.secret.CredentialFiles;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                Optional.empty(),
                CacheFolder.ofProcess().resolve("models")));
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
            Optional.of(Path.of("ca.pem")),
            Path.of("models"));

    assertThat(settings.toString())
        .contains("accessKey=key", "X-Tenant-Token", "ca.pem")
        .doesNotContain("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://s3", "https://s3.example.org/", "http://127.0.0.1:9000"})
  void takesAServerWithOrWithoutAPort(String endpoint) {
    assertThat(StorageSettings.defaults(URI.create(endpoint), KEYS).endpoint())
        .hasToString(endpoint);
  }

  @Test
  void readsKeysAndWhereTheyAreReadAgain(@TempDir Path folder) throws IOException {
    // Given
    Path access = Files.writeString(folder.resolve("access"), "key\n");
    Path secret = Files.writeString(folder.resolve("secret"), "hush\n");
    Path token = Files.writeString(folder.resolve("token"), "hush-token\n");

    // When
    StorageSettings settings =
        StorageSettings.read(
            source(
                Map.of(
                    "UTTER_STORAGE_ENDPOINT", ENDPOINT.toString(),
                    "UTTER_STORAGE_ACCESS_KEY", "file:" + access,
                    "UTTER_STORAGE_SECRET_KEY", "file:" + secret,
                    "UTTER_STORAGE_SESSION_TOKEN", "file:" + token)));

    // Then
    assertThat(settings)
        .isEqualTo(
            StorageSettings.defaults(
                ENDPOINT,
                new StorageCredentials(
                    "key",
                    "hush",
                    Optional.of("hush-token"),
                    new CredentialFiles(
                        Optional.of(access), Optional.of(secret), Optional.of(token)))));
  }

  @Test
  void takesKeysFromThePlatformOrFromTheSettingsAndNotFromBoth() {
    // Given
    Map<String, String> platform =
        Map.of(
            "UTTER_STORAGE_ENDPOINT", ENDPOINT.toString(), "UTTER_STORAGE_CREDENTIALS", "PLATFORM");
    Map<String, String> both = new HashMap<>(platform);
    both.put("UTTER_STORAGE_ACCESS_KEY", "env:KEY");
    both.put("KEY", "key");

    // Then
    assertThat(StorageSettings.read(source(platform)).credentials())
        .isEqualTo(StorageCredentials.FROM_PLATFORM);
    assertThatThrownBy(() -> StorageSettings.read(source(both)))
        .hasMessage(
            "storage.accessKey is set, must not be with storage.credentials PLATFORM: the platform"
                + " gives the keys");
  }

  @Test
  void theLargestObjectIsKnownWithoutAStore() {
    assertThat(StorageSettings.maxObjectBytes(SettingsSource.empty())).isEqualTo(50_000_000);
    assertThat(
            StorageSettings.maxObjectBytes(source(Map.of("UTTER_STORAGE_MAX_OBJECT_BYTES", "7"))))
        .isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", " key", "key\t"})
  void refusesKeysThatAreBlankOrHaveSpaceAtAnEnd(String key) {
    assertThatThrownBy(() -> new StorageCredentials(key, "hush"))
        .hasMessageStartingWith("accessKey must not be blank");
    assertThatThrownBy(() -> new StorageCredentials("key", "hush", Optional.of(key)))
        .hasMessageStartingWith("sessionToken must not be blank");
  }

  @Test
  void credentialsShowWhereTheyComeFromAndNoSecret() {
    assertThat(KEYS).hasToString("StorageCredentials[accessKey=key, secretKey=***]");
    assertThat(StorageCredentials.FROM_PLATFORM)
        .hasToString("StorageCredentials[from the platform]");
  }

  private static SettingsSource source(Map<String, String> variables) {
    return new SettingsSource(
        JsonNodeFactory.instance.objectNode(), new SettingsEnvironment(variables));
  }

  private static StorageSettings with(Duration callTimeout, long maxObjectBytes) {
    return new StorageSettings(
        ENDPOINT,
        "us-east-1",
        KEYS,
        callTimeout,
        maxObjectBytes,
        Map.of(),
        Optional.empty(),
        Path.of("models"));
  }
}
