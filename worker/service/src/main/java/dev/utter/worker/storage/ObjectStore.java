package dev.utter.worker.storage;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.MinioClient;
import io.minio.ObjectWriteResponse;
import io.minio.PutObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Objects in S3. Thread-safe; calls block, for no longer than the settings' call timeout each, and
 * are tried again for a moment by the SDK where the store is busy.
 */
public final class ObjectStore implements AutoCloseable {
  private static final int NOT_FOUND = 404;
  private static final Map<String, String> ONLY_IF_ABSENT = Map.of("If-None-Match", "*");

  private final StorageClient connection;
  private final MinioClient client;
  private final long maxObjectBytes;

  private ObjectStore(StorageSettings settings) {
    connection = StorageClient.of(settings);
    client = connection.minio();
    maxObjectBytes = settings.maxObjectBytes();
  }

  /**
   * A store with these settings. Nothing is sent yet; {@link #requireBucket} tries the credentials.
   *
   * @throws WorkerBrokenException if the trusted certificates cannot be read
   */
  public static ObjectStore of(StorageSettings settings) {
    return new ObjectStore(settings);
  }

  /**
   * Checks at start-up that the store takes the worker's credentials and has a bucket.
   *
   * @throws WorkerBrokenException if it does not
   * @throws StorageUnavailableException if it does not answer
   */
  public void requireBucket(String bucket) {
    String what = "bucket \"" + bucket + "\"";
    boolean exists;
    try {
      exists = client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build());
    } catch (IllegalArgumentException e) {
      throw new WorkerBrokenException(what + " cannot exist: " + e.getMessage(), e);
    } catch (MinioException | RuntimeException e) {
      boolean refused =
          StorageFailures.answer(e).filter(answer -> answer.response().code() == 403).isPresent();
      if (refused) {
        throw new WorkerBrokenException(
            "the store refuses the worker's credentials, or their access to " + what, e);
      }
      throw StorageFailures.unavailable(what, e);
    }
    if (!exists) {
      throw new WorkerBrokenException("the store has no " + what);
    }
  }

  /**
   * What the store says about an object.
   *
   * @throws UnusableObjectException if it is not there, or cannot be, or may not be read
   * @throws StorageUnavailableException if the store does not answer for now
   */
  public ObjectHead head(ObjectLocation location) {
    try {
      return stat(location);
    } catch (MinioException | RuntimeException e) {
      throw explained(location, e);
    }
  }

  /**
   * What the store says about an object, or empty if there is no such object, whether or not there
   * is such a bucket.
   *
   * @throws UnusableObjectException if it cannot be there, or may not be read
   * @throws StorageUnavailableException if the store does not answer for now
   */
  public Optional<ObjectHead> find(ObjectLocation location) {
    try {
      return Optional.of(stat(location));
    } catch (MinioException | RuntimeException e) {
      boolean missing =
          StorageFailures.answer(e)
              .filter(answer -> answer.response().code() == NOT_FOUND)
              .isPresent();
      if (missing) {
        return Optional.empty();
      }
      throw explained(location, e);
    }
  }

  /** Reads an object up to the settings' limit, see {@link #read(ObjectLocation, long)}. */
  public byte[] read(ObjectLocation location) {
    return read(location, maxObjectBytes);
  }

  /**
   * Reads a whole object.
   *
   * @param maxBytes largest size wanted; the settings' limit holds as well. It is held against the
   *     size the store announces, and again against what arrives
   * @throws UnusableObjectException if it is not there, cannot be, may not be read or is too large
   * @throws StorageUnavailableException if the store does not answer for now
   */
  public byte[] read(ObjectLocation location, long maxBytes) {
    long limit = Math.min(maxBytes, maxObjectBytes);
    try (GetObjectResponse response = get(location, null)) {
      return BoundedRead.all(location, response, response.headers().get("Content-Length"), limit);
    } catch (UnusableObjectException tooLarge) {
      throw tooLarge;
    } catch (MinioException | IOException | RuntimeException e) {
      throw StorageFailures.ofObject(location, e);
    }
  }

  /**
   * Writes an object if its key is free. Goes out as a single part, because stores hold the
   * condition for single parts only.
   *
   * @param data the content
   * @param mediaType media type
   * @param metadata user metadata: keys of a-z 0-9 -, values of printable ASCII, 2048 bytes in all
   * @throws IllegalArgumentException if the metadata breaks these rules
   * @throws UnusableObjectException if there is no such bucket or the key cannot name an object
   * @throws StorageUnavailableException if the store does not answer for now, or does not let the
   *     worker write
   */
  public PutResult putIfAbsent(
      ObjectLocation location, byte[] data, String mediaType, Map<String, String> metadata) {
    UserMetadata.check(metadata);
    requireNonNull(mediaType, "mediaType is null");
    try {
      ObjectWriteResponse written =
          client.putObject(
              PutObjectArgs.builder()
                  .bucket(location.bucket())
                  .object(location.key())
                  .data(data, data.length)
                  .contentType(mediaType)
                  .userMetadata(metadata)
                  .headers(ONLY_IF_ABSENT)
                  .build());
      return new PutResult(
          true,
          new ObjectHead(
              data.length,
              unquoted(written.etag()),
              Optional.ofNullable(written.versionId()),
              mediaType,
              metadata));
    } catch (MinioException | RuntimeException e) {
      if (StorageFailures.answer(e).filter(ObjectStore::isTaken).isPresent()) {
        return new PutResult(false, existing(location, e));
      }
      RuntimeException failure = StorageFailures.ofObject(location, e);
      throw failure instanceof ObjectForbiddenException
          ? StorageFailures.unavailable(location.toString(), e)
          : failure;
    }
  }

  /** Ends the connections; calls under way fail. */
  @Override
  public void close() {
    connection.close();
  }

  private ObjectHead existing(ObjectLocation location, Exception conflict) {
    return find(ObjectLocation.newest(location.bucket(), location.key()))
        .orElseThrow(
            () ->
                StorageFailures.unavailable(
                    location + " was there, and when looked at was not", conflict));
  }

  private ObjectHead stat(ObjectLocation location) throws MinioException {
    StatObjectArgs.Builder args =
        StatObjectArgs.builder().bucket(location.bucket()).object(location.key());
    location.versionId().ifPresent(args::versionId);
    StatObjectResponse stat = client.statObject(args.build());
    return new ObjectHead(
        stat.size(),
        unquoted(stat.etag()),
        Optional.ofNullable(stat.versionId()),
        String.valueOf(stat.contentType()),
        UserMetadata.of(stat.userMetadata()));
  }

  private GetObjectResponse get(ObjectLocation location, Long length) throws MinioException {
    GetObjectArgs.Builder args =
        GetObjectArgs.builder().bucket(location.bucket()).object(location.key()).length(length);
    location.versionId().ifPresent(args::versionId);
    return client.getObject(args.build());
  }

  /**
   * The reason why a HEAD request failed. Its answer has no body and so does not tell a missing key
   * from a missing bucket, nor bad credentials from a forbidden object: a GET of one byte does.
   */
  private RuntimeException explained(ObjectLocation location, Exception headFailure) {
    if (StorageFailures.answer(headFailure).isEmpty()) {
      return StorageFailures.ofObject(location, headFailure);
    }
    try {
      get(location, 1L).close();
      return StorageFailures.unavailable(location.toString(), headFailure);
    } catch (MinioException | IOException | RuntimeException e) {
      return StorageFailures.ofObject(location, e);
    }
  }

  /** 409 is what some stores answer to the loser of two puts at the same time. */
  private static boolean isTaken(ErrorResponseException answer) {
    return answer.response().code() == 412
        || StorageFailures.code(answer).equals("ConditionalRequestConflict");
  }

  private static String unquoted(String etag) {
    return etag == null ? "" : etag.replace("\"", "");
  }
}
