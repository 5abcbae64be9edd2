package dev.utter.embedded.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.SharedStack;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
final class EmbeddedS3Test {
  @Test
  void keepsObjectsAndPortOverAStop() throws Exception {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary())) {
      // Given
      String endpoint = s3.endpoint();
      s3.createBucket("kept");
      MinioClient client = client(s3, s3.secretKey());
      put(client, "kept", "key", "value", Map.of());

      // When
      s3.stop();

      // Then
      assertThatThrownBy(() -> get(client, "kept", "key"))
          .hasRootCauseMessage("Connection refused");

      // When
      s3.start();

      // Then
      assertThat(s3.endpoint()).isEqualTo(endpoint);
      assertThat(get(client, "kept", "key")).isEqualTo("value");
      client.close();
    }
  }

  @Test
  void findsItsObjectsInTheFolderOfAnEarlierServer(@TempDir Path folder) throws Exception {
    // Given
    EmbeddedS3Settings settings = EmbeddedS3Settings.in(folder);
    try (EmbeddedS3 earlier = EmbeddedS3.start(settings)) {
      earlier.createBucket("kept");
      MinioClient client = client(earlier, earlier.secretKey());
      put(client, "kept", "a/b/c", "value", Map.of());
      client.close();
    }

    // When
    try (EmbeddedS3 later = EmbeddedS3.start(settings)) {
      // Then
      later.createBucket("kept");
      MinioClient client = client(later, later.secretKey());
      assertThat(get(client, "kept", "a/b/c")).isEqualTo("value");
      client.close();
    }
  }

  @Test
  void letsOneOfManyConditionalPutsWinInAFolderToo(@TempDir Path folder) throws Exception {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.in(folder))) {
      // Given
      s3.createBucket("raced");
      MinioClient client = client(s3, s3.secretKey());
      CountDownLatch go = new CountDownLatch(1);
      ExecutorService racers = Executors.newFixedThreadPool(8);
      List<Future<Integer>> statuses = new ArrayList<>();
      for (int racer = 0; racer < 8; racer++) {
        String value = "racer " + racer;
        statuses.add(
            racers.submit(
                () -> {
                  go.await();
                  try {
                    put(client, "raced", "key", value, Map.of("If-None-Match", "*"));
                    return 200;
                  } catch (ErrorResponseException e) {
                    return e.response().code();
                  }
                }));
      }

      // When
      go.countDown();
      racers.shutdown();

      // Then
      List<Integer> seen = new ArrayList<>();
      for (Future<Integer> status : statuses) {
        seen.add(status.get());
      }
      assertThat(seen).containsOnly(200, 412).filteredOn(status -> status == 200).hasSize(1);
      client.close();
    }
  }

  @Test
  void refusesASignatureWithAnotherKey() throws Exception {
    // Given
    EmbeddedStack stack = SharedStack.get();
    stack.createBucket("guarded");
    MinioClient stranger =
        MinioClient.builder()
            .endpoint(stack.s3Endpoint())
            .region("us-east-1")
            .credentials(stack.s3AccessKey(), "not-the-secret")
            .build();

    // Then
    assertThatThrownBy(
            () -> stranger.bucketExists(BucketExistsArgs.builder().bucket("guarded").build()))
        .isInstanceOfSatisfying(
            ErrorResponseException.class, e -> assertThat(e.response().code()).isEqualTo(403));
    stranger.close();
  }

  @Test
  void keepsItsSecretOutOfTheSettingsText() {
    assertThat(EmbeddedS3Settings.temporary().toString())
        .contains("secretKey=***")
        .doesNotContain(EmbeddedS3Settings.temporary().secretKey());
  }

  private static MinioClient client(EmbeddedS3 s3, String secretKey) {
    return MinioClient.builder()
        .endpoint(s3.endpoint())
        .region("us-east-1")
        .credentials(s3.accessKey(), secretKey)
        .build();
  }

  private static void put(
      MinioClient client, String bucket, String key, String value, Map<String, String> headers)
      throws MinioException {
    byte[] bytes = value.getBytes(UTF_8);
    client.putObject(
        PutObjectArgs.builder()
            .bucket(bucket)
            .object(key)
            .data(bytes, bytes.length)
            .headers(headers)
            .build());
  }

  private static String get(MinioClient client, String bucket, String key) throws Exception {
    try (InputStream in =
        client.getObject(GetObjectArgs.builder().bucket(bucket).object(key).build())) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
