package dev.utter.worker.storage;

import static dev.utter.worker.storage.CannedServer.answer;
import static dev.utter.worker.storage.CannedServer.error;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Named.named;

import com.sun.net.httpserver.HttpHandler;
import dev.utter.worker.storage.answer.StoreAnswer;
import dev.utter.worker.storage.failure.BucketNotFoundException;
import dev.utter.worker.storage.failure.InvalidObjectNameException;
import dev.utter.worker.storage.failure.ObjectForbiddenException;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.failure.ObjectRefusedException;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.object.PutResult;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of store answers, each given by a real HTTP server to a real client. */
final class StoreAnswersTest {
  private static final byte[] CLIP = "RIFF".getBytes(UTF_8);
  private static final String XML = "application/xml";
  private static final String TEXT_XML = "text/xml; charset=utf-8";
  private static final String HTML = "text/html";
  private static final String PAGE = "<html><body><h1>Something is wrong</h1></body></html>";
  private static final ObjectLocation THEIRS = ObjectLocation.newest("theirs", "a.wav");
  private static final ObjectLocation OURS = ObjectLocation.newest("ours", "clips/a.wav");

  /** An answer of a store, or of what stands before it. */
  record Answer(int status, String mediaType, String body) {
    static Answer xml(int status, String code) {
      return new Answer(status, XML, error(code));
    }

    static Answer textXml(int status, String code) {
      return new Answer(status, TEXT_XML, error(code));
    }

    static Answer page(int status) {
      return new Answer(status, HTML, PAGE);
    }

    static Answer bare(int status) {
      return new Answer(status, "", "");
    }

    HttpHandler handler() {
      return exchange -> answer(exchange, status, mediaType, body);
    }

    @Override
    public String toString() {
      String code = body.contains("<Code>") ? body.replaceAll(".*<Code>|</Code>.*", "") : "no code";
      return status + " " + code + (mediaType.isEmpty() ? " bare" : " as " + mediaType);
    }
  }

  private static final List<Answer> OUTAGES =
      List.of(
          Answer.xml(500, "InternalError"),
          Answer.page(500),
          Answer.page(502),
          Answer.xml(503, "SlowDown"),
          Answer.xml(503, "ServiceUnavailable"),
          Answer.bare(503),
          Answer.textXml(503, "SlowDownRead"),
          Answer.page(504),
          Answer.xml(507, "XMinioStorageFull"),
          Answer.bare(408),
          Answer.bare(425),
          Answer.page(429),
          Answer.xml(429, "TooManyRequests"),
          Answer.bare(401),
          Answer.xml(400, "RequestTimeout"),
          Answer.xml(400, "ExpiredToken"),
          Answer.xml(400, "InvalidToken"),
          Answer.xml(400, "TokenRefreshRequired"),
          Answer.xml(400, "BadDigest"),
          Answer.xml(403, "RequestTimeTooSkewed"),
          Answer.xml(403, "InvalidAccessKeyId"),
          Answer.textXml(403, "InvalidAccessKeyId"),
          Answer.xml(403, "SignatureDoesNotMatch"),
          Answer.xml(409, "OperationAborted"));

  static List<Answer> outages() {
    return OUTAGES;
  }

  @ParameterizedTest
  @MethodSource("outages")
  void anAnswerAboutTheStoreOrTheCredentialsIsForLater(Answer answer) throws Exception {
    try (CannedServer server = new CannedServer(answer.handler());
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      for (ObjectLocation location : List.of(THEIRS, OURS)) {
        assertThat(failures(store, location))
            .hasSize(4)
            .allSatisfy(
                failure ->
                    assertThat(failure)
                        .isExactlyInstanceOf(StorageUnavailableException.class)
                        .hasMessageContaining("the store answers " + answer.status()));
      }
      assertThatThrownBy(store::prove).isExactlyInstanceOf(StorageUnavailableException.class);
    }
  }

  static List<Arguments> factsOfReading() {
    return List.of(
        fact(Answer.xml(404, "NoSuchKey"), ObjectNotFoundException.class),
        fact(Answer.textXml(404, "NoSuchKey"), ObjectNotFoundException.class),
        fact(Answer.xml(404, "NoSuchVersion"), ObjectNotFoundException.class),
        fact(Answer.page(404), ObjectNotFoundException.class),
        fact(Answer.bare(404), ObjectNotFoundException.class),
        fact(Answer.bare(410), ObjectNotFoundException.class),
        fact(Answer.xml(405, "MethodNotAllowed"), ObjectNotFoundException.class),
        fact(Answer.xml(404, "NoSuchBucket"), BucketNotFoundException.class),
        fact(Answer.textXml(404, "NoSuchBucket"), BucketNotFoundException.class),
        fact(Answer.xml(403, "AccessDenied"), ObjectForbiddenException.class),
        fact(Answer.textXml(403, "AccessDenied"), ObjectForbiddenException.class),
        fact(Answer.xml(403, "AllAccessDisabled"), ObjectForbiddenException.class),
        fact(Answer.page(403), ObjectForbiddenException.class),
        fact(Answer.xml(403, "InvalidObjectState"), ObjectRefusedException.class),
        fact(Answer.textXml(403, "InvalidObjectState"), ObjectRefusedException.class),
        fact(Answer.xml(400, "KMS.DisabledException"), ObjectRefusedException.class),
        fact(Answer.xml(400, "InvalidRequest"), ObjectRefusedException.class),
        fact(Answer.xml(400, "AuthorizationHeaderMalformed"), ObjectRefusedException.class),
        fact(Answer.xml(301, "PermanentRedirect"), ObjectRefusedException.class),
        fact(Answer.xml(307, "TemporaryRedirect"), ObjectRefusedException.class),
        fact(Answer.bare(302), ObjectRefusedException.class),
        fact(Answer.page(400), ObjectRefusedException.class),
        fact(Answer.bare(451), ObjectRefusedException.class),
        fact(Answer.xml(501, "NotImplemented"), ObjectRefusedException.class),
        fact(Answer.xml(400, "SomethingNobodyHasHeardOf"), ObjectRefusedException.class),
        fact(Answer.xml(400, "XMinioInvalidObjectName"), InvalidObjectNameException.class),
        fact(Answer.xml(400, "KeyTooLongError"), InvalidObjectNameException.class),
        fact(Answer.page(414), InvalidObjectNameException.class));
  }

  @ParameterizedTest
  @MethodSource("factsOfReading")
  void anAnswerAboutANamedObjectIsAFact(
      Answer answer, Class<? extends UnusableObjectException> fact) throws Exception {
    try (CannedServer server = new CannedServer(answer.handler());
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> store.read(THEIRS)).isExactlyInstanceOf(fact);
      assertThatThrownBy(() -> store.head(THEIRS)).isExactlyInstanceOf(fact);
      if (answer.status() == 404) {
        assertThat(store.find(THEIRS)).isEmpty();
      } else {
        assertThatThrownBy(() -> store.find(THEIRS)).isExactlyInstanceOf(fact);
      }
    }
  }

  @Test
  void theMessageOfAFactHasTheCodeOfTheStore() throws Exception {
    try (CannedServer server =
            new CannedServer(Answer.textXml(403, "InvalidObjectState").handler());
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> store.read(THEIRS))
          .hasMessage("s3://theirs/a.wav: the store refuses it, 403 InvalidObjectState: \"No.\"");
    }
  }

  @Test
  void aStoreWithoutVersionsDoesNotHaveTheVersionAskedFor() throws Exception {
    ObjectLocation version = new ObjectLocation("theirs", "a.wav", Optional.of("v1"));
    try (CannedServer server = new CannedServer(Answer.xml(501, "NotImplemented").handler());
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> store.read(version)).isInstanceOf(ObjectNotFoundException.class);
    }
  }

  static List<Answer> mistakesOfTheOperator() {
    return List.of(
        Answer.xml(403, "AccessDenied"),
        Answer.textXml(403, "AccessDenied"),
        Answer.xml(403, "AllAccessDisabled"),
        Answer.page(403),
        Answer.bare(403),
        Answer.xml(301, "PermanentRedirect"),
        Answer.xml(400, "AuthorizationHeaderMalformed"));
  }

  @ParameterizedTest
  @MethodSource("mistakesOfTheOperator")
  void anAnswerAboutABucketOfTheSettingsFailsNoRequest(Answer answer) throws Exception {
    try (CannedServer server = new CannedServer(answer.handler());
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThat(failures(store, OURS))
          .hasSize(4)
          .allSatisfy(
              failure ->
                  assertThat(failure)
                      .isInstanceOf(StorageMisconfiguredException.class)
                      .hasMessageContaining("s3://ours/")
                      .hasMessageContaining("the store answers " + answer.status()));
      assertThatThrownBy(store::check).isInstanceOf(StorageMisconfiguredException.class);
    }
  }

  @Test
  void aMissingBucketOfTheSettingsFailsNoRequest() throws Exception {
    try (CannedServer server = new CannedServer(Answer.xml(404, "NoSuchBucket").handler());
        ObjectStore store = server.store(OwnBuckets.read(Set.of("ours")))) {
      assertThatThrownBy(() -> store.read(OURS))
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("create the bucket or correct the settings");
      assertThatThrownBy(() -> put(store, OURS)).isInstanceOf(StorageMisconfiguredException.class);
      assertThatThrownBy(store::check).isInstanceOf(StorageMisconfiguredException.class);
    }
  }

  @Test
  void accessDeniedToOneObjectOfABucketThatCanBeReadIsAFact() throws Exception {
    // Given
    HttpHandler denyingOne =
        exchange -> {
          boolean denied = exchange.getRequestURI().getPath().startsWith("/ours/secret/");
          answer(exchange, denied ? 403 : 404, XML, error(denied ? "AccessDenied" : "NoSuchKey"));
        };
    try (CannedServer server = new CannedServer(denyingOne);
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      ObjectLocation secret = ObjectLocation.newest("ours", "secret/a.wav");

      // Then
      assertThatThrownBy(() -> store.read(secret)).isInstanceOf(ObjectForbiddenException.class);
      assertThatThrownBy(() -> store.head(secret)).isInstanceOf(ObjectForbiddenException.class);
    }
  }

  static List<Arguments> answersToPuts() {
    return List.of(
        fact(Answer.xml(400, "XMinioParentIsObject"), InvalidObjectNameException.class),
        fact(Answer.textXml(400, "XMinioParentIsObject"), InvalidObjectNameException.class),
        fact(Answer.xml(409, "XMinioObjectExistsAsDirectory"), InvalidObjectNameException.class),
        fact(Answer.xml(400, "KeyTooLongError"), InvalidObjectNameException.class),
        fact(Answer.xml(400, "InvalidArgument"), ObjectRefusedException.class),
        fact(Answer.page(409), ObjectRefusedException.class),
        fact(Answer.xml(501, "NotImplemented"), StorageMisconfiguredException.class),
        fact(Answer.page(501), StorageMisconfiguredException.class),
        fact(Answer.bare(501), StorageMisconfiguredException.class),
        fact(Answer.xml(403, "QuotaExceeded"), StorageMisconfiguredException.class),
        fact(Answer.xml(400, "KMS.DisabledException"), StorageMisconfiguredException.class),
        fact(Answer.xml(405, "MethodNotAllowed"), StorageMisconfiguredException.class),
        fact(Answer.page(413), StorageMisconfiguredException.class));
  }

  @ParameterizedTest
  @MethodSource("answersToPuts")
  void aPutIsAnsweredForItsKeyOrForTheBucket(Answer answer, Class<? extends Exception> meaning)
      throws Exception {
    try (CannedServer server = new CannedServer(answer.handler());
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(() -> put(store, OURS)).isExactlyInstanceOf(meaning);
    }
  }

  static List<Answer> answersForTakenKeys() {
    return List.of(
        Answer.xml(412, "PreconditionFailed"),
        Answer.textXml(412, "PreconditionFailed"),
        Answer.page(412),
        Answer.bare(412),
        Answer.bare(304),
        Answer.xml(409, "ConditionalRequestConflict"),
        Answer.textXml(409, "ConditionalRequestConflict"));
  }

  @ParameterizedTest
  @MethodSource("answersForTakenKeys")
  void aTakenKeyIsRecognisedInEveryForm(Answer answer) throws Exception {
    // Given
    HttpHandler taken =
        exchange -> {
          if (exchange.getRequestMethod().equals("PUT")) {
            answer.handler().handle(exchange);
            return;
          }
          exchange.getResponseHeaders().set("ETag", "\"theirs\"");
          exchange.getResponseHeaders().set("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT");
          exchange.getResponseHeaders().set("Content-Length", "6");
          answer(exchange, 200, "audio/wav", "theirs");
        };
    try (CannedServer server = new CannedServer(taken);
        ObjectStore store = server.store()) {
      // When
      PutResult put = put(store, THEIRS);

      // Then
      assertThat(put.created()).isFalse();
      assertThat(put.head().etag()).isEqualTo("theirs");
    }
  }

  @Test
  void clocksThatDifferAreNamedWithBothTimes() {
    // Given
    Instant store = Instant.parse("2026-11-23T00:00:00Z");
    StoreAnswer skewed =
        new StoreAnswer(
            "GET", 403, "RequestTimeTooSkewed", "", Optional.of(store), store.plusSeconds(3600));

    // Then
    assertThat(skewed.describe())
        .isEqualTo(
            "403 RequestTimeTooSkewed: the clocks differ by 3600 s; the store's shows"
                + " 2026-11-23T00:00:00Z, the worker's 2026-11-23T01:00:00Z");
  }

  @Test
  void theClockOfTheStoreIsReadFromItsAnswer() throws Exception {
    try (CannedServer server = new CannedServer(Answer.xml(403, "RequestTimeTooSkewed").handler());
        ObjectStore store = server.store(OwnBuckets.read(Set.of("ours")))) {
      assertThatThrownBy(store::check)
          .isExactlyInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("the clocks differ by ")
          .hasMessageContaining("the store's shows 20");
    }
  }

  @Test
  void anExpiredTokenIsNamedByTheCheck() throws Exception {
    try (CannedServer server = new CannedServer(Answer.xml(400, "ExpiredToken").handler());
        ObjectStore store = server.store(OwnBuckets.read(Set.of("ours")))) {
      assertThatThrownBy(store::check).hasMessageContaining("the store answers 400 ExpiredToken");
    }
  }

  @Test
  void aRedirectIsNotFollowedAndTakesNoHeadersAlong() throws Exception {
    // Given
    List<String> elsewhere = new CopyOnWriteArrayList<>();
    HttpHandler noting =
        exchange -> {
          elsewhere.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Secret")));
          answer(exchange, 200, "audio/wav", "theirs");
        };
    try (CannedServer other = new CannedServer(noting);
        CannedServer server =
            new CannedServer(
                exchange -> {
                  exchange.getResponseHeaders().set("Location", other.url() + "/theirs/a.wav");
                  answer(exchange, 307, "", "");
                });
        ObjectStore store =
            ObjectStore.of(
                StorageFixture.settings(
                    server.url(),
                    new StorageCredentials("key", "secret-key"),
                    Map.of("X-Secret", "of the settings")),
                OwnBuckets.NONE)) {
      // When
      assertThatThrownBy(() -> store.read(THEIRS)).isInstanceOf(ObjectRefusedException.class);

      // Then
      assertThat(elsewhere).isEmpty();
    }
  }

  @Test
  void anAnswerWithoutEndKeepsItsStatus() throws Exception {
    // Given
    HttpHandler endless =
        exchange -> {
          exchange.sendResponseHeaders(404, 0);
          byte[] chunk = new byte[8_192];
          while (true) {
            exchange.getResponseBody().write(chunk);
          }
        };
    try (CannedServer server = new CannedServer(endless);
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> store.read(THEIRS)).isInstanceOf(ObjectNotFoundException.class);
    }
  }

  @Test
  void anAnswerIsDescribedByWhatItHas() {
    // Given
    Instant time = Instant.parse("2026-11-23T00:00:00Z");
    Optional<Instant> none = Optional.empty();

    // Then
    assertThat(new StoreAnswer("GET", 404, "", "", none, time).describe()).isEqualTo("404");
    assertThat(new StoreAnswer("GET", 404, "", "\"No.\"", none, time).describe())
        .isEqualTo("404: \"No.\"");
    assertThat(new StoreAnswer("GET", 403, "RequestTimeTooSkewed", "no", none, time).describe())
        .isEqualTo("403 RequestTimeTooSkewed: the clocks differ");
  }

  @Test
  void theCodeOfAnAnswerWithoutABodyIsInAHeader() throws Exception {
    // Given
    HttpHandler minio =
        exchange -> {
          exchange.getResponseHeaders().set("x-minio-error-code", "SlowDown");
          answer(exchange, 403, "", "");
        };
    try (CannedServer server = new CannedServer(minio);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.find(THEIRS))
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageEndingWith("the store answers 403 SlowDown");
    }
  }

  @Test
  void aHeaderThatIsNoCodeIsIgnored() throws Exception {
    // Given
    HttpHandler odd =
        exchange -> {
          exchange.getResponseHeaders().set("x-minio-error-code", "Slow Down");
          answer(exchange, 403, "", "");
        };
    try (CannedServer server = new CannedServer(odd);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.read(THEIRS)).isInstanceOf(ObjectForbiddenException.class);
    }
  }

  @Test
  void aStoreThatDeniesWhatItThenGivesIsAskedAgainLater() throws Exception {
    // Given
    HttpHandler changing =
        exchange -> {
          boolean head = exchange.getRequestMethod().equals("HEAD");
          answer(exchange, head ? 403 : 200, "audio/wav", "theirs");
        };
    try (CannedServer server = new CannedServer(changing);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> store.head(THEIRS))
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageStartingWith("s3://theirs/a.wav, of which the first byte can be read: ");
    }
  }

  @Test
  void aTakenKeyUnderWhichNothingIsFoundIsAskedForAgainLater() throws Exception {
    // Given
    HttpHandler vanishing =
        exchange -> {
          boolean put = exchange.getRequestMethod().equals("PUT");
          answer(exchange, put ? 412 : 404, "", "");
        };
    try (CannedServer server = new CannedServer(vanishing);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> put(store, THEIRS))
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("s3://theirs/a.wav was there, and when looked at was not");
    }
  }

  @Test
  void aForbiddenDeleteInABucketOfTheSettingsFailsNoRequest() throws Exception {
    try (CannedServer server = new CannedServer(Answer.xml(403, "AccessDenied").handler());
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(() -> store.delete(OURS))
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("s3:GetObject, s3:PutObject and s3:ListBucket");
      assertThatThrownBy(() -> store.delete(THEIRS)).isInstanceOf(ObjectForbiddenException.class);
    }
  }

  @Test
  void aFaultThatIsNoPermissionNamesWhatToCorrect() throws Exception {
    try (CannedServer server = new CannedServer(Answer.xml(301, "PermanentRedirect").handler());
        ObjectStore store = server.store(OwnBuckets.written(Set.of("ours")))) {
      assertThatThrownBy(() -> store.read(OURS))
          .hasMessageEndingWith(
              "correct the bucket's configuration, or storage.region and storage.endpoint");
    }
  }

  @Test
  void aFailingPutIsAnOutageWhereNoObjectIsAboveItsKey() throws Exception {
    // Given
    List<String> lookedAt = new CopyOnWriteArrayList<>();
    HttpHandler failing =
        exchange -> {
          boolean put = exchange.getRequestMethod().equals("PUT");
          if (!put) {
            lookedAt.add(exchange.getRequestURI().getPath());
          }
          answer(exchange, put ? 500 : 404, "", "");
        };
    try (CannedServer server = new CannedServer(failing);
        ObjectStore store = server.store()) {
      // Then
      ObjectLocation deep = ObjectLocation.newest("theirs", "a/b/c.wav");
      assertThatThrownBy(() -> put(store, deep)).isInstanceOf(StorageUnavailableException.class);
      assertThat(lookedAt).containsExactly("/theirs/a", "/theirs/a/b");
    }
  }

  @Test
  void anObjectWithoutAnETagOrAMediaTypeIsRead() throws Exception {
    // Given
    HttpHandler bare =
        exchange -> {
          exchange.getResponseHeaders().set("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT");
          answer(exchange, 200, "", "theirs");
        };
    try (CannedServer server = new CannedServer(bare);
        ObjectStore store = server.store()) {
      // Then
      assertThat(store.read(THEIRS, 6).etag()).isEmpty();
      assertThat(store.read(THEIRS, 6).bytes()).hasSize(6);
    }
  }

  @Test
  void aCallUnderWayEndsWhenTheStoreIsClosed() throws Exception {
    // Given
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    HttpHandler silent =
        exchange -> {
          asked.countDown();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (CannedServer server = new CannedServer(silent)) {
      ObjectStore store = server.store();
      CompletableFuture<byte[]> read = CompletableFuture.supplyAsync(() -> store.read(THEIRS));
      asked.await();

      // When
      store.close();

      // Then
      assertThatThrownBy(read::join).hasCauseInstanceOf(StorageUnavailableException.class);
      over.countDown();
    }
  }

  private static Arguments fact(Answer answer, Class<? extends Exception> meaning) {
    Named<Class<?>> meant = named(meaning.getSimpleName(), meaning);
    return Arguments.of(answer, meant);
  }

  private static PutResult put(ObjectStore store, ObjectLocation location) {
    return store.putIfAbsent(location, CLIP, "audio/wav", Map.of());
  }

  /** What head, find, read and put throw. */
  private static List<Throwable> failures(ObjectStore store, ObjectLocation location) {
    List<Throwable> failures = new ArrayList<>();
    failures.add(catchThrowable(() -> store.head(location)));
    failures.add(catchThrowable(() -> store.find(location)));
    failures.add(catchThrowable(() -> store.read(location)));
    failures.add(catchThrowable(() -> put(store, location)));
    return failures;
  }
}
