package dev.utter.worker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.worker.storage.failure.BucketNotFoundException;
import dev.utter.worker.storage.failure.InvalidObjectNameException;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.object.PutResult;
import io.minio.MinioClient;
import io.minio.SetBucketVersioningArgs;
import io.minio.messages.VersioningConfiguration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectStoreTest {
  private static final byte[] HELLO = "hello".getBytes(UTF_8);
  private static final String HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592";

  private static EmbeddedS3 s3;

  private final String bucket = StorageFixture.freshBucket(s3);
  private final ObjectStore store = StorageFixture.on(s3);

  @BeforeAll
  static void start() {
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
  }

  @AfterAll
  static void stop() {
    s3.close();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"context/%2e%2e/clips/a.wav", "context/%2E%2E%2Fclips/a.wav", "%63lips/a.wav"})
  void aKeyIsOpaqueAndNeverReadAsAnother(String key) {
    // Given
    store.putIfAbsent(ObjectLocation.newest(bucket, "clips/a.wav"), HELLO, "audio/wav", Map.of());

    // Then
    assertThat(store.find(ObjectLocation.newest(bucket, key))).isEmpty();
    assertThatThrownBy(() -> store.read(ObjectLocation.newest(bucket, key)))
        .isInstanceOf(ObjectNotFoundException.class);
  }

  @Test
  void aKeyCannotChangeHowTheMessageAboutItLooks() {
    assertThatThrownBy(() -> store.read(ObjectLocation.newest(bucket, "a\u202Egpj.wav")))
        .isInstanceOf(ObjectNotFoundException.class)
        .hasMessageContaining("/a\\u202egpj.wav: there is no such object");
  }

  @Test
  void writesAnObjectAndReadsItBack() {
    // Given
    ObjectLocation clip = ObjectLocation.newest(bucket, "clips/a.wav");
    Map<String, String> metadata = Map.of("request-id", "a", "sha256", "2cf24dba");

    // When
    PutResult put = store.putIfAbsent(clip, HELLO, "audio/wav", metadata);

    // Then
    assertThat(put.created()).isTrue();
    assertThat(put.head())
        .isEqualTo(new ObjectHead(5, HELLO_MD5, Optional.empty(), "audio/wav", metadata));
    assertThat(store.head(clip)).isEqualTo(put.head());
    assertThat(store.find(clip)).contains(put.head());
    assertThat(store.read(clip)).isEqualTo(HELLO);
  }

  @Test
  void keepsAnExistingObjectAndReportsItsOwner() {
    // Given
    ObjectLocation clip = ObjectLocation.newest(bucket, "clips/a.wav");
    store.putIfAbsent(clip, HELLO, "audio/wav", Map.of("request-id", "first"));

    // When
    PutResult second =
        store.putIfAbsent(
            clip, "other".getBytes(UTF_8), "audio/flac", Map.of("request-id", "second"));

    // Then
    assertThat(second.created()).isFalse();
    assertThat(second.head().metadata()).containsEntry("request-id", "first");
    assertThat(second.head().mediaType()).isEqualTo("audio/wav");
    assertThat(store.read(clip)).isEqualTo(HELLO);
  }

  @Test
  void holdsTheConditionForObjectsAboveThePartSizeOfTheSdk() {
    // Given
    ObjectLocation large = ObjectLocation.newest(bucket, "large");
    byte[] twelveMegabytes = new byte[12 << 20];

    // When
    PutResult first = store.putIfAbsent(large, twelveMegabytes, "audio/wav", Map.of());
    PutResult second = store.putIfAbsent(large, twelveMegabytes, "audio/wav", Map.of());

    // Then
    assertThat(first.created()).isTrue();
    assertThat(second.created()).isFalse();
    assertThat(second.head().size()).isEqualTo(twelveMegabytes.length);
  }

  @Test
  void refusesAKeyBelowAnObjectWhereTheStoreKeepsNoneThere() {
    // Given: this store keeps objects as files, and answers 500
    store.putIfAbsent(ObjectLocation.newest(bucket, "clips/a.wav"), HELLO, "audio/wav", Map.of());
    ObjectLocation below = ObjectLocation.newest(bucket, "clips/a.wav/deep/b.wav");

    // Then
    assertThatThrownBy(() -> store.putIfAbsent(below, HELLO, "audio/wav", Map.of()))
        .isInstanceOf(InvalidObjectNameException.class)
        .hasMessageContaining("s3://" + bucket + "/clips/a.wav is an object");
  }

  @Test
  void acceptsExactlyOneOfTwentyConcurrentPuts() throws Exception {
    // Given
    ObjectLocation contested = ObjectLocation.newest(bucket, "contested");
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService racers = Executors.newFixedThreadPool(20);
    List<Future<PutResult>> puts = new ArrayList<>();
    for (int racer = 0; racer < 20; racer++) {
      byte[] data = new byte[10_000 + racer];
      Arrays.fill(data, (byte) racer);
      Map<String, String> metadata = Map.of("racer", Integer.toString(racer));
      puts.add(
          racers.submit(
              () -> {
                go.await();
                return store.putIfAbsent(contested, data, "audio/wav", metadata);
              }));
    }

    // When
    go.countDown();
    racers.shutdown();

    // Then
    List<PutResult> results = new ArrayList<>();
    for (Future<PutResult> put : puts) {
      results.add(put.get());
    }
    assertThat(results).filteredOn(PutResult::created).hasSize(1);
    assertThat(results).extracting(PutResult::head).containsOnly(store.head(contested));
    int winner = Integer.parseInt(store.head(contested).metadata().get("racer"));
    byte[] stored = store.read(contested);
    assertThat(stored).hasSize(10_000 + winner).containsOnly(winner);
  }

  @Test
  void distinguishesAMissingKeyFromAMissingBucket() {
    ObjectLocation noKey = ObjectLocation.newest(bucket, "nothing-here");
    ObjectLocation noBucket = ObjectLocation.newest("no-such-bucket", "nothing-here");

    assertThatThrownBy(() -> store.read(noKey))
        .isInstanceOf(ObjectNotFoundException.class)
        .hasMessage("s3://%s/nothing-here: there is no such object".formatted(bucket));
    assertThatThrownBy(() -> store.head(noKey)).isInstanceOf(ObjectNotFoundException.class);
    assertThat(store.find(noKey)).isEmpty();

    assertThatThrownBy(() -> store.read(noBucket))
        .isInstanceOf(BucketNotFoundException.class)
        .hasMessageContaining("there is no bucket \"no-such-bucket\"");
    assertThatThrownBy(() -> store.head(noBucket)).isInstanceOf(BucketNotFoundException.class);
    assertThat(store.find(noBucket)).isEmpty();
    assertThatThrownBy(() -> store.putIfAbsent(noBucket, HELLO, "audio/wav", Map.of()))
        .isInstanceOf(BucketNotFoundException.class)
        .extracting(e -> ((UnusableObjectException) e).location())
        .isEqualTo(noBucket);
  }

  @Test
  void readsTheVersionAskedFor() throws Exception {
    // Given
    keepVersions(bucket);
    ObjectLocation newest = ObjectLocation.newest(bucket, "versioned");
    String first = store.putIfAbsent(newest, HELLO, "a/b", Map.of()).head().versionId().get();

    // When
    ObjectLocation versioned = new ObjectLocation(bucket, "versioned", Optional.of(first));

    // Then
    assertThat(store.read(versioned)).isEqualTo(HELLO);
    assertThat(store.head(versioned).versionId()).contains(first);
    ObjectLocation unknown = new ObjectLocation(bucket, "versioned", Optional.of("00000000-none"));
    assertThatThrownBy(() -> store.read(unknown)).isInstanceOf(UnusableObjectException.class);
  }

  @Test
  void reportsAVersionAsMissingWhereNoneAreKept() {
    // Given
    store.putIfAbsent(ObjectLocation.newest(bucket, "plain"), HELLO, "a/b", Map.of());

    // When
    ObjectLocation version = new ObjectLocation(bucket, "plain", Optional.of("v1"));

    // Then
    assertThatThrownBy(() -> store.read(version))
        .isInstanceOf(ObjectNotFoundException.class)
        .hasMessageContaining("there is no such version");
    assertThatThrownBy(() -> store.head(version)).isInstanceOf(ObjectNotFoundException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "with space",
        "a+b%20c&d=e?f#g",
        "quote'\"<>&amp;",
        "line\nend",
        "tab\tkey",
        "back\\slash",
        "äöü/日本語/🎧.wav",
        "deep/er/than/most/keys/are",
        ".hidden",
        "ends.",
        "~tilde*star"
      })
  void takesKeysThatAreOddButLawful(String key) {
    // Given
    ObjectLocation odd = ObjectLocation.newest(bucket, key);

    // When
    PutResult put = store.putIfAbsent(odd, key.getBytes(UTF_8), "text/plain", Map.of());

    // Then
    assertThat(put.created()).isTrue();
    assertThat(store.read(odd)).isEqualTo(key.getBytes(UTF_8));
    assertThat(store.putIfAbsent(odd, HELLO, "text/plain", Map.of()).created()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../secret", "a/../../b", "a/./b", "\ud800", "a\udc00b"})
  void refusesKeysThatCannotNameAnObject(String key) {
    ObjectLocation impossible = ObjectLocation.newest(bucket, key);

    assertThatThrownBy(() -> store.read(impossible))
        .isInstanceOf(InvalidObjectNameException.class)
        .hasMessageContaining("cannot name an object");
    assertThatThrownBy(() -> store.find(impossible)).isInstanceOf(InvalidObjectNameException.class);
    assertThatThrownBy(() -> store.putIfAbsent(impossible, HELLO, "a/b", Map.of()))
        .isInstanceOf(InvalidObjectNameException.class);
  }

  @Test
  void refusesKeysLongerThanS3Allows() {
    ObjectLocation tooLong = ObjectLocation.newest(bucket, "x".repeat(10_000));

    assertThatThrownBy(() -> store.read(tooLong)).isInstanceOf(UnusableObjectException.class);
    assertThatThrownBy(() -> store.putIfAbsent(tooLong, HELLO, "a/b", Map.of()))
        .isInstanceOf(UnusableObjectException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "b", "UPPER", "has space", "a..b", "../etc", "a/b", "line\nend"})
  void refusesBucketsThatCannotBe(String name) {
    ObjectLocation impossible = ObjectLocation.newest(name, "key");

    assertThatThrownBy(() -> store.read(impossible)).isInstanceOf(InvalidObjectNameException.class);
    assertThatThrownBy(() -> store.head(impossible)).isInstanceOf(InvalidObjectNameException.class);
  }

  @Test
  void readsUpToTheLimitAndNotPastIt() {
    // Given
    ObjectLocation five = ObjectLocation.newest(bucket, "five");
    store.putIfAbsent(five, HELLO, "a/b", Map.of());

    // Then
    assertThat(store.read(five, 5).bytes()).isEqualTo(HELLO);
    assertThatThrownBy(() -> store.read(five, 4))
        .isInstanceOf(ObjectTooLargeException.class)
        .hasMessage("s3://%s/five has 5 bytes, the limit is 4".formatted(bucket));
  }

  @Test
  void holdsTheLimitOfTheSettingsAgainstALargerWish() {
    // Given
    ObjectLocation large = ObjectLocation.newest(bucket, "large");
    byte[] data = new byte[(int) StorageFixture.MAX_OBJECT_BYTES + 1];
    store.putIfAbsent(large, data, "a/b", Map.of());

    // Then
    assertThatThrownBy(() -> store.read(large)).isInstanceOf(ObjectTooLargeException.class);
    assertThatThrownBy(() -> store.read(large, Long.MAX_VALUE))
        .isInstanceOf(ObjectTooLargeException.class)
        .extracting(e -> ((ObjectTooLargeException) e).limit())
        .isEqualTo(StorageFixture.MAX_OBJECT_BYTES);
  }

  @Test
  void readsAnEmptyObject() {
    // Given
    ObjectLocation empty = ObjectLocation.newest(bucket, "empty");

    // When
    store.putIfAbsent(empty, new byte[0], "a/b", Map.of());

    // Then
    assertThat(store.read(empty)).isEmpty();
    assertThat(store.head(empty).size()).isZero();
  }

  @Test
  void deletesAnObjectAndNothingWhereThereIsNone() {
    // Given
    ObjectLocation clip = ObjectLocation.newest(bucket, "clip");
    store.putIfAbsent(clip, HELLO, "a/b", Map.of());

    // When
    store.delete(clip);

    // Then
    assertThat(store.find(clip)).isEmpty();
    assertThatCode(() -> store.delete(clip)).doesNotThrowAnyException();
    ObjectLocation elsewhere = ObjectLocation.newest("no-such-bucket", "clip");
    assertThatThrownBy(() -> store.delete(elsewhere)).isInstanceOf(BucketNotFoundException.class);
  }

  @Test
  void refusesMetadataThatStoresWouldChange() {
    // Given
    ObjectLocation clip = ObjectLocation.newest(bucket, "clip");
    Map<String, String> metadata = Map.of("Request Id", "a");

    // Then
    assertThatThrownBy(() -> store.putIfAbsent(clip, HELLO, "a/b", metadata))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("metadata key \"Request Id\"");
    assertThat(store.find(clip)).isEmpty();
  }

  @Test
  void deletesTheVersionAskedForAndLeavesTheOthers() throws Exception {
    // Given
    keepVersions(bucket);
    ObjectLocation newest = ObjectLocation.newest(bucket, "versioned");
    String first = store.putIfAbsent(newest, HELLO, "a/b", Map.of()).head().versionId().get();
    store.delete(newest);

    // When
    ObjectLocation version = new ObjectLocation(bucket, "versioned", Optional.of(first));
    byte[] before = store.read(version);
    store.delete(version);

    // Then
    assertThat(before).isEqualTo(HELLO);
    assertThat(store.find(version)).isEmpty();
  }

  private void keepVersions(String name) throws Exception {
    MinioClient client =
        MinioClient.builder()
            .endpoint(s3.endpoint())
            .region("us-east-1")
            .credentials(s3.accessKey(), s3.secretKey())
            .build();
    client.setBucketVersioning(
        SetBucketVersioningArgs.builder()
            .bucket(name)
            .config(
                new VersioningConfiguration(
                    VersioningConfiguration.Status.ENABLED, null, List.of(), null))
            .build());
    client.close();
  }
}
