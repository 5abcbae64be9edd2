package dev.utter.worker.storage.secret;

import static dev.utter.worker.storage.CannedServer.answer;
import static dev.utter.worker.storage.CannedServer.error;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.worker.storage.CannedServer;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageFixture;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.object.ObjectLocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CurrentCredentialsTest {
  @TempDir private Path folder;

  @Test
  void aTokenThatExpiredIsReadAgainFromItsFile() throws Exception {
    // Given
    Path file = Files.writeString(folder.resolve("token"), "old\n");
    HttpHandler expiring =
        exchange -> {
          boolean fresh =
              "new".equals(exchange.getRequestHeaders().getFirst("X-Amz-Security-Token"));
          answer(
              exchange,
              fresh ? 404 : 400,
              "application/xml",
              error(fresh ? "NoSuchKey" : "ExpiredToken"));
        };
    StorageCredentials credentials =
        new StorageCredentials(
            "key",
            "secret-key",
            Optional.of("old"),
            new CredentialFiles(Optional.empty(), Optional.empty(), Optional.of(file)));
    try (CannedServer server = new CannedServer(expiring);
        ObjectStore store =
            ObjectStore.of(
                StorageFixture.settings(server.url(), credentials),
                OwnBuckets.read(Set.of("ours")))) {
      assertThatThrownBy(store::check).hasMessageContaining("400 ExpiredToken");

      // When
      Files.writeString(file, "new\n");

      // Then
      store.check();
    }
  }

  @Test
  void thePlatformGivesCredentialsThatAreRenewedWhenTheyEnd() throws Exception {
    // Given
    AtomicInteger given = new AtomicInteger();
    List<String> tokens = new CopyOnWriteArrayList<>();
    HttpHandler both =
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/role")) {
            // The first are over, and so no use for a second request.
            Instant end = given.get() == 0 ? Instant.EPOCH : Instant.now().plusSeconds(3600);
            answer(
                exchange,
                200,
                "application/json",
                """
                {"Code": "Success", "AccessKeyId": "role", "SecretAccessKey": "role-secret",
                 "Token": "token-%d", "Expiration": "%s"}
                """
                    .formatted(given.incrementAndGet(), end));
          } else {
            tokens.add(exchange.getRequestHeaders().getFirst("X-Amz-Security-Token"));
            answer(exchange, 404, "application/xml", error("NoSuchKey"));
          }
        };
    try (CannedServer server = new CannedServer(both);
        ObjectStore store =
            ObjectStore.of(
                StorageFixture.settings(server.url(), StorageCredentials.FROM_PLATFORM),
                OwnBuckets.read(Set.of("ours")))) {
      System.setProperty("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url() + "/role");

      // When
      store.check();
      store.check();
      store.check();

      // Then
      assertThat(tokens).startsWith("token-1").endsWith("token-2");
      assertThat(given).hasValue(2);
    } finally {
      System.clearProperty("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    }
  }

  @Test
  void aPlatformThatGivesNoCredentialsIsWaitedFor() throws Exception {
    // Given
    HttpHandler refusing = exchange -> answer(exchange, 500, "text/plain", "no");
    try (CannedServer server = new CannedServer(refusing);
        ObjectStore store =
            ObjectStore.of(
                StorageFixture.settings(server.url(), StorageCredentials.FROM_PLATFORM),
                OwnBuckets.read(Set.of("ours")))) {
      System.setProperty("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url() + "/role");

      // Then
      assertThatThrownBy(store::check)
          .isInstanceOf(StorageUnavailableException.class)
          .isNotInstanceOf(StorageMisconfiguredException.class);
    } finally {
      System.clearProperty("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    }
  }

  @Test
  void keysAreTakenFromTheirFilesAndKeptWhileThoseCannotBeRead() throws Exception {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary())) {
      // Given
      s3.createBucket("ours");
      Path access = Files.writeString(folder.resolve("access"), "nobody");
      Path secret = Files.writeString(folder.resolve("secret"), "nothing");
      StorageCredentials credentials =
          new StorageCredentials(
              "nobody",
              "nothing",
              Optional.empty(),
              new CredentialFiles(Optional.of(access), Optional.of(secret), Optional.empty()));
      try (ObjectStore store =
          ObjectStore.of(
              StorageFixture.settings(s3.endpoint(), credentials),
              OwnBuckets.written(Set.of("ours")))) {
        assertThatThrownBy(store::prove).isInstanceOf(StorageUnavailableException.class);

        // When
        Files.writeString(access, s3.accessKey() + "\n");
        Files.writeString(secret, s3.secretKey() + "\n");
        store.prove();
        Files.delete(secret);

        // Then
        assertThat(
                store
                    .putIfAbsent(
                        ObjectLocation.newest("ours", "a"), "a".getBytes(UTF_8), "a/b", Map.of())
                    .created())
            .isTrue();
      }
    }
  }
}
