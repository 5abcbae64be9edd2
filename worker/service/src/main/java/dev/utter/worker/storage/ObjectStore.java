package dev.utter.worker.storage;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.storage.answer.StoreAnswer;
import dev.utter.worker.storage.answer.StoreAnswers;
import dev.utter.worker.storage.answer.StoreAnswers.Meaning;
import dev.utter.worker.storage.failure.InvalidObjectNameException;
import dev.utter.worker.storage.failure.ObjectForbiddenException;
import dev.utter.worker.storage.failure.StorageFailures;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectContent;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.object.PutResult;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.MinioClient;
import io.minio.ObjectWriteResponse;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects in S3. Thread-safe; calls block, for no longer than the settings' call timeout each, and
 * the SDK repeats them for a short time if the store is busy.
 *
 * <p>Any method throws {@link StorageMisconfiguredException} in place of an {@link
 * UnusableObjectException} if the fault is in a bucket of the worker's settings.
 */
public final class ObjectStore implements AutoCloseable {
  /** Prefix of the keys of the objects that {@link #prove} writes. */
  public static final String PROBE_PREFIX = BucketProof.FOLDER;

  private static final Logger LOGGER = LoggerFactory.getLogger(ObjectStore.class);
  private static final int NOT_FOUND = 404;
  private static final int SERVER_ERROR = 500;
  private static final Map<String, String> ONLY_IF_ABSENT = Map.of("If-None-Match", "*");

  private final StorageClient connection;
  private final MinioClient client;
  private final OwnBuckets own;
  private final long maxObjectBytes;
  private final BucketProof proof = new BucketProof(this);

  private ObjectStore(StorageSettings settings, OwnBuckets own) {
    this.own = requireNonNull(own, "own is null");
    connection = StorageClient.of(settings);
    client = connection.minio();
    maxObjectBytes = settings.maxObjectBytes();
  }

  /**
   * A store with these settings. Nothing is sent yet.
   *
   * @throws WorkerBrokenException if the trusted certificates cannot be read
   */
  public static ObjectStore of(StorageSettings settings, OwnBuckets own) {
    return new ObjectStore(settings, own);
  }

  /**
   * Proves that the worker's buckets can be read and that, in those that clips are put into, the
   * second of two conditional puts is refused. Leaves one small object below {@code .utter-probe/}
   * in each of these.
   *
   * @throws StorageMisconfiguredException if a bucket fails, with what to correct
   * @throws StorageUnavailableException if the store does not answer
   */
  public void prove() {
    own.written().forEach(proof::writing);
    own.onlyRead().forEach(proof::reading);
  }

  /**
   * Checks that the worker's buckets can be read. Writes nothing.
   *
   * @throws StorageMisconfiguredException if a bucket fails, with what to correct
   * @throws StorageUnavailableException if the store does not answer
   */
  public void check() {
    own.written().forEach(this::check);
    own.onlyRead().forEach(this::check);
  }

  /** Checks one of the worker's buckets, see {@link #check()}. */
  public void check(String bucket) {
    proof.reading(bucket);
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
      Optional<StoreAnswer> answer = StorageFailures.answer(e);
      if (answer.filter(given -> given.status() == NOT_FOUND).isPresent()) {
        return Optional.empty();
      }
      throw explained(location, e);
    }
  }

  /** The bytes of an object up to the settings' limit, see {@link #read(ObjectLocation, long)}. */
  public byte[] read(ObjectLocation location) {
    return read(location, maxObjectBytes).bytes();
  }

  /**
   * Reads a whole object.
   *
   * @param maxBytes largest size wanted; the settings' limit holds as well. It is checked against
   *     the size that the store announces, and again against the bytes that arrive
   * @throws UnusableObjectException if it is not there, cannot be, may not be read or is too large
   * @throws StorageUnavailableException if the store does not answer for now
   */
  public ObjectContent read(ObjectLocation location, long maxBytes) {
    long limit = Math.min(maxBytes, maxObjectBytes);
    try (GetObjectResponse response = get(location, null)) {
      byte[] bytes =
          BoundedRead.all(location, response, response.headers().get("Content-Length"), limit);
      return new ObjectContent(bytes, unquoted(response.headers().get("ETag")));
    } catch (UnusableObjectException tooLarge) {
      throw tooLarge;
    } catch (MinioException | IOException | RuntimeException e) {
      throw readFailure(location, e);
    }
  }

  /**
   * Writes an object if its key is free. It is sent as a single part, because stores support the
   * condition for single parts only.
   *
   * @param data the content
   * @param mediaType media type
   * @param metadata user metadata: keys of a-z 0-9 -, values of printable ASCII, 2048 bytes in all
   * @throws IllegalArgumentException if the metadata breaks these rules
   * @throws UnusableObjectException if the key cannot name an object, or the store refuses it
   * @throws StorageUnavailableException if the store does not answer for now
   * @throws StorageMisconfiguredException if the store does not let the worker write there
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
      if (meaning(location, e).filter(Meaning.TAKEN::equals).isPresent()) {
        return new PutResult(false, existing(location, e));
      }
      throw putFailure(location, e);
    }
  }

  /**
   * Deletes an object, or the version that the location names. A bucket that keeps versions keeps
   * the others. Deleting what is not there does nothing.
   *
   * @throws UnusableObjectException if it may not be deleted
   * @throws StorageUnavailableException if the store does not answer for now
   */
  public void delete(ObjectLocation location) {
    RemoveObjectArgs.Builder args =
        RemoveObjectArgs.builder().bucket(location.bucket()).object(location.key());
    location.versionId().ifPresent(args::versionId);
    try {
      client.removeObject(args.build());
    } catch (MinioException | RuntimeException e) {
      throw failure(location, e);
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

  private GetObjectResponse get(ObjectLocation location, @Nullable Long length)
      throws MinioException {
    GetObjectArgs.Builder args =
        GetObjectArgs.builder().bucket(location.bucket()).object(location.key()).length(length);
    location.versionId().ifPresent(args::versionId);
    return client.getObject(args.build());
  }

  /**
   * The reason why a HEAD request failed. Its answer has no body, so it does not distinguish a
   * missing key from a missing bucket, or bad credentials from a forbidden object: a GET of one
   * byte does.
   */
  private RuntimeException explained(ObjectLocation location, Exception headFailure) {
    Optional<StoreAnswer> answer = StorageFailures.answer(headFailure);
    if (answer.isEmpty() || answer.get().status() >= SERVER_ERROR) {
      return failure(location, headFailure);
    }
    try {
      get(location, 1L).close();
      return StorageFailures.unavailable(
          location + ", of which the first byte can be read", headFailure);
    } catch (MinioException | IOException | RuntimeException e) {
      return readFailure(location, e);
    }
  }

  /** Stores that keep objects as files answer 500 to a key below that of another object. */
  private RuntimeException putFailure(ObjectLocation location, Exception e) {
    boolean internalError =
        StorageFailures.answer(e).filter(answer -> answer.status() == SERVER_ERROR).isPresent();
    return (internalError ? parentObject(location) : Optional.<ObjectLocation>empty())
        .<RuntimeException>map(
            parent ->
                new InvalidObjectNameException(
                    location, parent + " is an object, and this store keeps none below one", e))
        .orElseGet(() -> failure(location, e));
  }

  private Optional<ObjectLocation> parentObject(ObjectLocation location) {
    String key = location.key();
    try {
      for (int slash = key.indexOf('/'); slash > 0; slash = key.indexOf('/', slash + 1)) {
        ObjectLocation parent = ObjectLocation.newest(location.bucket(), key.substring(0, slash));
        if (find(parent).isPresent()) {
          return Optional.of(parent);
        }
      }
    } catch (UnusableObjectException | StorageUnavailableException e) {
      LOGGER.atDebug().setCause(e).log("Parents of a refused key cannot be looked up");
    }
    return Optional.empty();
  }

  /**
   * Access denied in a bucket of the settings: the operator's mistake, unless the rest of the
   * bucket can be read.
   */
  private RuntimeException readFailure(ObjectLocation location, Exception e) {
    RuntimeException failure = failure(location, e);
    Optional<StoreAnswer> answer = StorageFailures.answer(e).filter(StoreAnswers::isForbidden);
    boolean thisOne =
        failure instanceof StorageMisconfiguredException
            && answer.isPresent()
            && !BucketProof.isProbe(location)
            && canBeRead(location.bucket());
    return thisOne ? new ObjectForbiddenException(location, answer.get(), e) : failure;
  }

  private boolean canBeRead(String bucket) {
    try {
      proof.reading(bucket);
      return true;
    } catch (StorageUnavailableException e) {
      return false;
    }
  }

  /** The connections, for objects that are too large for memory. */
  MinioClient client() {
    return client;
  }

  RuntimeException failure(ObjectLocation location, Exception e) {
    return StorageFailures.ofObject(location, e, own.contains(location.bucket()));
  }

  private Optional<Meaning> meaning(ObjectLocation location, Exception e) {
    return StorageFailures.meaning(location, e, own.contains(location.bucket()));
  }

  private static String unquoted(String etag) {
    return etag == null ? "" : etag.replace("\"", "");
  }
}
