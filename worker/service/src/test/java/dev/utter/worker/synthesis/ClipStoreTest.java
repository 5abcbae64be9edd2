package dev.utter.worker.synthesis;

import static dev.utter.worker.storage.CannedServer.answer;
import static dev.utter.worker.storage.CannedServer.error;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.CannedServer;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageCredentials;
import dev.utter.worker.storage.StorageMisconfiguredException;
import dev.utter.worker.storage.StorageSettings;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClipStoreTest {
  private static final String BUCKET = "clips-of-ours";
  private static final AccessSettings ACCESS =
      AccessSettings.defaults(new ObjectPrefix(BUCKET, "clips"));
  private static final OwnBuckets OWN = OwnBuckets.written(Set.of(BUCKET));
  private static final byte[] CLIP = "RIFF of the request".getBytes(UTF_8);

  private final Plan plan =
      new Planner(new AccessRules(ACCESS), TestingSpeechModel.DESCRIPTION)
          .plan(request("a", "Hello.").build());

  @Test
  void aClipOfTheRequestIsFoundAgain() {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
        ObjectStore store = on(s3)) {
      // Given
      ClipStore clips = new ClipStore(store);
      MarkedClip clip = new MarkedClip(CLIP, facts(Sha256.hex(CLIP)));
      assertThat(clips.find(plan)).isEmpty();

      // When
      StoredClip stored = clips.put(plan, clip);

      // Then
      assertThat(clips.find(plan)).contains(stored);
      assertThat(clips.put(plan, clip)).isEqualTo(stored);
    }
  }

  @Test
  void aClipWhoseBytesAreNotThoseOfItsMetadataIsNotAnnounced() {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
        ObjectStore store = on(s3)) {
      // Given
      store.putIfAbsent(
          plan.destination(),
          "forged".getBytes(UTF_8),
          "audio/wav",
          facts(Sha256.hex(CLIP)).metadata());

      // Then
      assertThatThrownBy(() -> new ClipStore(store).find(plan))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_REQUEST))
          .hasMessageContaining("holds an object that is not this request's clip");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, XMinioParentIsObject, application/xml",
    "400, XMinioParentIsObject, text/xml",
    "400, KeyTooLongError,      application/xml",
    "409, XMinioObjectExistsAsDirectory, application/xml"
  })
  void aPrefixThatLeadsToAnImpossibleKeyFailsTheRequest(int status, String code, String mediaType)
      throws Exception {
    try (CannedServer server =
            new CannedServer(exchange -> answer(exchange, status, mediaType, error(code)));
        ObjectStore store = server.store(OWN)) {
      assertThatThrownBy(
              () -> new ClipStore(store).put(plan, new MarkedClip(CLIP, facts(Sha256.hex(CLIP)))))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(FailureCode.INVALID_REQUEST);
                assertThat(e.field()).contains("output");
                assertThat(e).hasMessageContaining(status + " " + code);
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"403, AccessDenied", "404, NoSuchBucket", "501, NotImplemented"})
  void whatIsWrongWithTheBucketIsNoRequestsFault(int status, String code) throws Exception {
    HttpHandler refusing = exchange -> answer(exchange, status, "application/xml", error(code));
    try (CannedServer server = new CannedServer(refusing);
        ObjectStore store = server.store(OWN)) {
      assertThatThrownBy(
              () -> new ClipStore(store).put(plan, new MarkedClip(CLIP, facts(Sha256.hex(CLIP)))))
          .isInstanceOf(StorageMisconfiguredException.class);
    }
  }

  @Test
  void aLookUpThatIsDeniedIsNoRequestsFault() throws Exception {
    HttpHandler denying =
        exchange -> answer(exchange, 403, "application/xml", error("AccessDenied"));
    try (CannedServer server = new CannedServer(denying);
        ObjectStore store = server.store(OWN)) {
      assertThatThrownBy(() -> new ClipStore(store).find(plan))
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("s3:ListBucket");
    }
  }

  private static ObjectStore on(EmbeddedS3 s3) {
    s3.createBucket(BUCKET);
    return ObjectStore.of(
        StorageSettings.defaults(
            URI.create(s3.endpoint()), new StorageCredentials(s3.accessKey(), s3.secretKey())),
        OWN);
  }

  private ClipFacts facts(String sha256) {
    return new ClipFacts(
        plan.requestId(),
        plan.fingerprint(),
        sha256,
        24_000,
        80,
        1,
        FinishReason.END_OF_AUDIO,
        7,
        "m",
        "r",
        "k",
        1f,
        Optional.empty());
  }
}
