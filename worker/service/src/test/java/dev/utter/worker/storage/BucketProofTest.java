package dev.utter.worker.storage;

import static dev.utter.worker.storage.CannedServer.answer;
import static dev.utter.worker.storage.CannedServer.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class BucketProofTest {
  private static final ObjectLocation PROBE =
      ObjectLocation.newest("ours", ".utter-probe/conditional-put");

  private static EmbeddedS3 s3;

  @BeforeAll
  static void start() {
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
  }

  @AfterAll
  static void stop() {
    s3.close();
  }

  /** A store in memory that does not keep one of the promises. */
  private static final class BrokenStore implements HttpHandler {
    enum Fault {
      IGNORES_THE_CONDITION,
      OVERWRITES_AND_SAYS_TAKEN,
      DOES_NOT_KNOW_THE_CONDITION,
      DENIES_WRITING,
      SAYS_DENIED_FOR_MISSING
    }

    private final Fault fault;
    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    private final List<String> methods = new CopyOnWriteArrayList<>();

    BrokenStore(Fault fault) {
      this.fault = fault;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
      methods.add(exchange.getRequestMethod());
      String path = exchange.getRequestURI().getPath();
      if (exchange.getRequestMethod().equals("PUT")) {
        put(exchange, path);
        return;
      }
      byte[] content = objects.get(path);
      if (content == null) {
        boolean denied = fault == Fault.SAYS_DENIED_FOR_MISSING;
        refuse(exchange, denied ? 403 : 404, denied ? "AccessDenied" : "NoSuchKey");
        return;
      }
      exchange.getResponseHeaders().set("ETag", "\"e\"");
      exchange.getResponseHeaders().set("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT");
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
      exchange.getResponseHeaders().set("Content-Type", "text/plain");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : content.length);
      if (!head) {
        exchange.getResponseBody().write(content);
      }
      exchange.close();
    }

    private void put(HttpExchange exchange, String path) throws IOException {
      byte[] content = exchange.getRequestBody().readAllBytes();
      if (fault == Fault.DENIES_WRITING) {
        refuse(exchange, 403, "AccessDenied");
        return;
      }
      if (fault == Fault.DOES_NOT_KNOW_THE_CONDITION) {
        refuse(exchange, 501, "NotImplemented");
        return;
      }
      boolean there = objects.put(path, content) != null;
      if (there && fault == Fault.OVERWRITES_AND_SAYS_TAKEN) {
        refuse(exchange, 412, "PreconditionFailed");
        return;
      }
      exchange.getResponseHeaders().set("ETag", "\"e\"");
      answer(exchange, 200, "", "");
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
      answer(exchange, status, "application/xml", error(code));
    }
  }

  @Test
  void aStoreThatKeepsItsPromisesPassesAsOftenAsItIsAsked() {
    // Given
    String bucket = StorageFixture.freshBucket(s3);
    try (ObjectStore store = StorageFixture.on(s3, OwnBuckets.written(Set.of(bucket)))) {
      // When
      store.prove();
      byte[] probe = store.read(ObjectLocation.newest(bucket, PROBE.key()));

      // Then
      assertThatCode(store::prove).doesNotThrowAnyException();
      assertThatCode(store::check).doesNotThrowAnyException();
      assertThat(store.read(ObjectLocation.newest(bucket, PROBE.key()))).isEqualTo(probe);
    }
  }

  @Test
  void workersThatStartTogetherDoNotDisturbEachOther() throws Exception {
    // Given
    String bucket = StorageFixture.freshBucket(s3);
    ExecutorService workers = Executors.newFixedThreadPool(8);
    try (ObjectStore store = StorageFixture.on(s3, OwnBuckets.written(Set.of(bucket)))) {
      // When
      List<Future<?>> proofs = new ArrayList<>();
      for (int worker = 0; worker < 8; worker++) {
        proofs.add(workers.submit(store::prove));
      }

      // Then
      for (Future<?> proof : proofs) {
        assertThat(proof.get()).isNull();
      }
    } finally {
      workers.shutdown();
    }
  }

  @Test
  void everyBucketOfTheSettingsIsProvedAndOnlyThoseForClipsAreWritten() {
    // Given
    String clips = StorageFixture.freshBucket(s3);
    String further = StorageFixture.freshBucket(s3);
    String archive = StorageFixture.freshBucket(s3);
    OwnBuckets own = new OwnBuckets(Set.of(clips, further), Set.of(archive, clips));
    try (ObjectStore store = StorageFixture.on(s3, own)) {
      // When
      store.prove();

      // Then
      assertThat(store.find(ObjectLocation.newest(clips, PROBE.key()))).isPresent();
      assertThat(store.find(ObjectLocation.newest(further, PROBE.key()))).isPresent();
      assertThat(store.find(ObjectLocation.newest(archive, PROBE.key()))).isEmpty();
    }
  }

  @Test
  void aBucketThatIsMissingIsNamed() {
    String clips = StorageFixture.freshBucket(s3);
    OwnBuckets own = new OwnBuckets(Set.of(clips), Set.of("no-such-bucket"));
    try (ObjectStore store = StorageFixture.on(s3, own)) {
      assertThatThrownBy(store::prove)
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("s3://no-such-bucket/")
          .hasMessageContaining("404 NoSuchBucket")
          .hasMessageEndingWith("create the bucket or correct the settings");
      assertThatThrownBy(store::check).isInstanceOf(StorageMisconfiguredException.class);
    }
  }

  @Test
  void aBucketThatCannotExistIsTheOperatorsMistake() {
    try (ObjectStore store = StorageFixture.on(s3, OwnBuckets.written(Set.of("NO")))) {
      assertThatThrownBy(store::prove)
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("bucket \"NO\" cannot be used");
    }
  }

  @Test
  void refusedCredentialsAreForLaterAndNamed() {
    try (ObjectStore store =
        ObjectStore.of(
            StorageFixture.settings(
                s3.endpoint(), new StorageCredentials(s3.accessKey(), "wrong-secret")),
            OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(store::prove)
          .isExactlyInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("403 SignatureDoesNotMatch")
          .hasMessageNotContaining("wrong-secret");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = BrokenStore.Fault.class,
      names = {"IGNORES_THE_CONDITION", "OVERWRITES_AND_SAYS_TAKEN"})
  void aStoreThatOverwritesIsDetected(BrokenStore.Fault fault) throws Exception {
    try (CannedServer server = new CannedServer(new BrokenStore(fault));
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(store::prove)
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("bucket \"ours\": the store overwrites an object")
          .hasMessageContaining("use a store that supports conditional puts");
    }
  }

  @Test
  void aStoreWithoutConditionalPutsIsDetected() throws Exception {
    HttpHandler handler = new BrokenStore(BrokenStore.Fault.DOES_NOT_KNOW_THE_CONDITION);
    try (CannedServer server = new CannedServer(handler);
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(store::prove)
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("501 NotImplemented")
          .hasMessageContaining("must support If-None-Match");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = BrokenStore.Fault.class,
      names = {"DENIES_WRITING", "SAYS_DENIED_FOR_MISSING"})
  void aPermissionThatIsMissingIsNamed(BrokenStore.Fault fault) throws Exception {
    try (CannedServer server = new CannedServer(new BrokenStore(fault));
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(store::prove)
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("403 AccessDenied")
          .hasMessageContaining("s3:GetObject, s3:PutObject and s3:ListBucket");
    }
  }

  @Test
  void theCheckOfARunningWorkerWritesNothing() throws Exception {
    BrokenStore handler = new BrokenStore(BrokenStore.Fault.IGNORES_THE_CONDITION);
    try (CannedServer server = new CannedServer(handler);
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      // When
      store.check();

      // Then
      assertThat(handler.methods).isNotEmpty().containsOnly("GET");
    }
  }
}
