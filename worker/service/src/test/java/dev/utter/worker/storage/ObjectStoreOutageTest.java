package dev.utter.worker.storage;

import static dev.utter.worker.storage.CannedServer.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import dev.utter.embedded.faults.TcpProxy;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.storage.failure.ObjectForbiddenException;
import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectStoreOutageTest {
  private static final byte[] HELLO = "hello".getBytes(UTF_8);
  private static final ObjectLocation CLIP = ObjectLocation.newest("clips", "a.wav");

  private EmbeddedS3 s3;

  @BeforeEach
  void start() {
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
    s3.createBucket("clips");
  }

  @AfterEach
  void stop() {
    s3.close();
  }

  @Test
  void asksToTryLaterWhileTheStoreIsDownAndWorksWhenItIsBack() {
    try (ObjectStore store = StorageFixture.on(s3, OwnBuckets.written(Set.of("clips")))) {
      // Given
      store.putIfAbsent(CLIP, HELLO, "audio/wav", Map.of());
      ObjectLocation other = ObjectLocation.newest("clips", "b.wav");

      // When
      s3.stop();

      // Then
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(StorageUnavailableException.class)
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("s3://clips/a.wav: ");
      assertThatThrownBy(() -> store.head(CLIP)).isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(() -> store.find(CLIP)).isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(() -> store.putIfAbsent(other, HELLO, "audio/wav", Map.of()))
          .isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(store::check).isExactlyInstanceOf(StorageUnavailableException.class);

      // When
      s3.start();

      // Then
      assertThat(store.read(CLIP)).isEqualTo(HELLO);
      assertThat(store.putIfAbsent(other, HELLO, "audio/wav", Map.of()).created()).isTrue();
      store.check();
    }
  }

  @Test
  void timesOutOnAStoreThatDoesNotAnswer() {
    try (TcpProxy network = TcpProxy.start(URI.create(s3.endpoint()).getPort());
        ObjectStore store = through(network)) {
      // Given
      store.putIfAbsent(CLIP, HELLO, "audio/wav", Map.of());

      // When
      network.pause();

      // Then
      assertThatThrownBy(() -> store.read(CLIP)).isInstanceOf(StorageUnavailableException.class);

      // When
      network.resume();

      // Then
      assertThat(store.read(CLIP)).isEqualTo(HELLO);
    }
  }

  @Test
  void survivesConnectionsThatWereCutWhileIdle() {
    try (TcpProxy network = TcpProxy.start(URI.create(s3.endpoint()).getPort());
        ObjectStore store = through(network)) {
      // Given
      store.putIfAbsent(CLIP, HELLO, "audio/wav", Map.of());

      // When
      network.cut();

      // Then
      assertThat(store.read(CLIP)).isEqualTo(HELLO);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void asksToTryLaterOnErrorsOfTheServer(int status) throws Exception {
    try (CannedServer server = new CannedServer(exchange -> answer(exchange, status, "sorry"));
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> store.read(CLIP)).isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(() -> store.find(CLIP)).isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(() -> store.putIfAbsent(CLIP, HELLO, "audio/wav", Map.of()))
          .isInstanceOf(StorageUnavailableException.class);
    }
  }

  @Test
  void stopsReadingWhenMoreArrivesThanTheLimit() throws Exception {
    // Given
    HttpHandler endless =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] chunk = new byte[8_192];
          while (true) {
            exchange.getResponseBody().write(chunk);
          }
        };
    try (CannedServer server = new CannedServer(endless);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(ObjectTooLargeException.class)
          .hasMessageContaining("has more than 1000000 bytes");
    }
  }

  @Test
  void doesNotWaitForTheBodyOfAnObjectThatSaysItIsTooLarge() throws Exception {
    // Given
    HttpHandler boastful = exchange -> exchange.sendResponseHeaders(200, 4L << 30);
    try (CannedServer server = new CannedServer(boastful);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(ObjectTooLargeException.class)
          .hasMessageContaining("has 4294967296 bytes");
    }
  }

  @Test
  void asksToTryLaterWhenTheBodyEndsEarly() throws Exception {
    // Given
    HttpHandler brokenOff =
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write(HELLO);
          exchange.getResponseBody().flush();
          throw new IOException("gone");
        };
    try (CannedServer server = new CannedServer(brokenOff);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.read(CLIP)).isInstanceOf(StorageUnavailableException.class);
    }
  }

  @Test
  void failsNoRequestForWrongCredentials() {
    StorageCredentials wrongSecret = new StorageCredentials(s3.accessKey(), "wrong-secret");
    try (ObjectStore store = storeWith(wrongSecret)) {
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("403 SignatureDoesNotMatch")
          .hasMessageNotContaining("wrong-secret");
      assertThatThrownBy(() -> store.head(CLIP)).isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(() -> store.find(CLIP)).isInstanceOf(StorageUnavailableException.class);
      assertThatThrownBy(() -> store.putIfAbsent(CLIP, HELLO, "audio/wav", Map.of()))
          .isInstanceOf(StorageUnavailableException.class);
    }
    try (ObjectStore store = storeWith(new StorageCredentials("nobody", s3.secretKey()))) {
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("403 InvalidAccessKeyId");
    }
  }

  @Test
  void distinguishesAForbiddenObjectFromWrongCredentials() throws Exception {
    // Given
    String denied = "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>";
    try (CannedServer server = new CannedServer(exchange -> answer(exchange, 403, denied));
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(ObjectForbiddenException.class)
          .hasMessage("s3://clips/a.wav: the worker may not read it, 403 AccessDenied: \"No.\"");
      assertThatThrownBy(() -> store.head(CLIP)).isInstanceOf(ObjectForbiddenException.class);
      assertThatThrownBy(() -> store.putIfAbsent(CLIP, HELLO, "audio/wav", Map.of()))
          .isInstanceOf(ObjectForbiddenException.class);
    }
  }

  @Test
  void sendsTheHeadersOfTheSettings() throws Exception {
    // Given
    AtomicReference<String> seen = new AtomicReference<>();
    HttpHandler noting =
        exchange -> {
          seen.set(exchange.getRequestHeaders().getFirst("X-Tenant"));
          answer(exchange, 200, "hello");
        };
    try (CannedServer server = new CannedServer(noting);
        ObjectStore store =
            ObjectStore.of(
                StorageFixture.settings(
                    server.url(), StorageFixture.keys(s3), Map.of("X-Tenant", "speech")),
                OwnBuckets.NONE)) {
      // When
      byte[] body = store.read(CLIP);

      // Then
      assertThat(body).isEqualTo(HELLO);
      assertThat(seen).hasValue("speech");
    }
  }

  @Test
  void leavesNoThreadThatKeepsTheProcessAlive() {
    // Given
    ObjectStore store = StorageFixture.on(s3);
    store.find(CLIP);

    // When
    store.close();

    // Then
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !thread.isDaemon())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("OkHttp")));
  }

  private ObjectStore through(TcpProxy network) {
    return ObjectStore.of(
        StorageFixture.settings(
            "http://127.0.0.1:" + network.port(),
            StorageFixture.keys(s3),
            Map.of(),
            Duration.ofSeconds(2)),
        OwnBuckets.NONE);
  }

  private ObjectStore storeWith(StorageCredentials credentials) {
    return ObjectStore.of(
        StorageFixture.settings(s3.endpoint(), credentials), OwnBuckets.written(Set.of("clips")));
  }
}
