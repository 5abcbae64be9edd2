package dev.utter.worker.storage;

import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Stores on embedded servers. */
public final class StorageFixture {
  static final long MAX_OBJECT_BYTES = 1_000_000;

  private StorageFixture() {}

  static ObjectStore on(EmbeddedS3 s3) {
    return on(s3, OwnBuckets.NONE);
  }

  static ObjectStore on(EmbeddedS3 s3, OwnBuckets own) {
    return ObjectStore.of(settings(s3.endpoint(), keys(s3)), own);
  }

  static StorageCredentials keys(EmbeddedS3 s3) {
    return new StorageCredentials(s3.accessKey(), s3.secretKey());
  }

  public static StorageSettings settings(String endpoint, StorageCredentials credentials) {
    return settings(endpoint, credentials, Map.of());
  }

  public static StorageSettings settings(
      String endpoint, StorageCredentials credentials, Map<String, String> headers) {
    return settings(endpoint, credentials, headers, Duration.ofMinutes(2));
  }

  public static StorageSettings settings(
      String endpoint,
      StorageCredentials credentials,
      Map<String, String> headers,
      Duration callTimeout) {
    return new StorageSettings(
        URI.create(endpoint),
        "us-east-1",
        credentials,
        callTimeout,
        MAX_OBJECT_BYTES,
        headers,
        Optional.empty(),
        Path.of("models"));
  }

  static String freshBucket(EmbeddedS3 s3) {
    String bucket = "bucket-" + UUID.randomUUID();
    s3.createBucket(bucket);
    return bucket;
  }
}
