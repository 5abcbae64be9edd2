package dev.utter.worker.synthesis.clip;

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
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.CannedServer;
import dev.utter.worker.storage.ClipProof;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.failure.StorageMisconfiguredException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.TestingSpeechModel;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.request.Planner;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ClipStoreTest {
  private static final String BUCKET = "clips-of-ours";
  private static final AccessSettings ACCESS =
      AccessSettings.defaults(new ObjectPrefix(BUCKET, "clips"));
  private static final OwnBuckets OWN = OwnBuckets.written(Set.of(BUCKET));
  private static final String SECRET = "the secret that all workers have";
  private static final String OTHER_SECRET = "one that a stranger would choose";
  private static final ClipProof PROOF = new ClipProof(List.of(SECRET));
  private static final ClipProof OTHER_PROOF = new ClipProof(List.of(OTHER_SECRET));
  private static final ObjectLocation ELSEWHERE = ObjectLocation.newest(BUCKET, "clips/b.wav");
  private static final byte[] CLIP = "RIFF of the request".getBytes(UTF_8);

  private final Plan plan =
      new Planner(new AccessRules(ACCESS), TestingSpeechModel.DESCRIPTION)
          .plan(request("a", "Hello.").build());

  @Test
  void aClipOfTheRequestIsFoundAgain() {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
        ObjectStore store = on(s3)) {
      // Given
      ClipStore clips = new ClipStore(store, PROOF);
      MarkedClip clip = new MarkedClip(CLIP, facts(Sha256.hex(CLIP)));
      assertThat(clips.find(plan)).isEmpty();

      // When
      StoredClip stored = clips.put(plan, clip);

      // Then
      assertThat(clips.find(plan)).contains(stored);
      assertThat(clips.put(plan, clip)).isEqualTo(stored);
    }
  }

  static Stream<Arguments> planted() {
    String right = Sha256.hex(CLIP);
    return Stream.of(
        planted("metadata as a worker writes it, without a proof", CLIP, (at, m) -> m, right),
        planted("a proof of its own making", CLIP, with("utter-proof", "0".repeat(64)), right),
        planted("a proof by another secret", CLIP, OTHER_PROOF::prove, right),
        planted("the public proof", CLIP, ClipProof.ofDevelopment()::prove, right),
        planted("a proof of another key", CLIP, (at, m) -> PROOF.prove(ELSEWHERE, m), right),
        planted("another confidence", CLIP, with("utter-watermark-confidence", "0.99"), right),
        planted("the metadata of the real clip", "forged".getBytes(UTF_8), PROOF::prove, right),
        planted("a clip of another content", CLIP, proved("utter-content", "f00d"), right),
        planted("a clip of another request", CLIP, proved("utter-request-id", "b"), right),
        planted("no metadata", CLIP, (at, m) -> Map.of(), right));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("planted")
  void aForeignObjectUnderTheKeyDoesNotBecomeTheOutcome(
      String what,
      byte[] bytes,
      BiFunction<ObjectLocation, Map<String, String>, Map<String, String>> metadata,
      String sha256) {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
        ObjectStore store = on(s3)) {
      // Given
      ClipStore clips = new ClipStore(store, PROOF);
      store.putIfAbsent(
          plan.destination(),
          bytes,
          "audio/wav",
          metadata.apply(plan.destination(), facts(sha256).metadata()));

      // Then
      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> clips.find(plan), () -> clips.put(plan, new MarkedClip(CLIP, facts(sha256))))) {
        assertThatThrownBy(use)
            .isInstanceOfSatisfying(
                RequestFailedException.class,
                e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_REQUEST))
            .hasMessage(
                "s3://clips-of-ours/clips/a.wav holds an object that is not this request's clip;"
                    + " nothing is overwritten, choose another prefix or request id");
      }
      assertThat(store.read(plan.destination())).isEqualTo(bytes);
    }
  }

  @Test
  void aClipIsKnownUnderAFormerSecret() {
    try (EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
        ObjectStore store = on(s3)) {
      // Given
      StoredClip stored =
          new ClipStore(store, PROOF).put(plan, new MarkedClip(CLIP, facts(Sha256.hex(CLIP))));

      // Then
      assertThat(new ClipStore(store, new ClipProof(List.of(OTHER_SECRET, SECRET))).find(plan))
          .contains(stored);
      assertThatThrownBy(() -> new ClipStore(store, OTHER_PROOF).find(plan))
          .isInstanceOf(RequestFailedException.class);
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
              () ->
                  new ClipStore(store, PROOF)
                      .put(plan, new MarkedClip(CLIP, facts(Sha256.hex(CLIP)))))
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
  void aFaultOfTheBucketFailsNoRequest(int status, String code) throws Exception {
    HttpHandler refusing = exchange -> answer(exchange, status, "application/xml", error(code));
    try (CannedServer server = new CannedServer(refusing);
        ObjectStore store = server.store(OWN)) {
      assertThatThrownBy(
              () ->
                  new ClipStore(store, PROOF)
                      .put(plan, new MarkedClip(CLIP, facts(Sha256.hex(CLIP)))))
          .isInstanceOf(StorageMisconfiguredException.class);
    }
  }

  @Test
  void aForbiddenLookUpFailsNoRequest() throws Exception {
    HttpHandler denying =
        exchange -> answer(exchange, 403, "application/xml", error("AccessDenied"));
    try (CannedServer server = new CannedServer(denying);
        ObjectStore store = server.store(OWN)) {
      assertThatThrownBy(() -> new ClipStore(store, PROOF).find(plan))
          .isInstanceOf(StorageMisconfiguredException.class)
          .hasMessageContaining("s3:ListBucket");
    }
  }

  private static Arguments planted(
      String what,
      byte[] bytes,
      BiFunction<ObjectLocation, Map<String, String>, Map<String, String>> metadata,
      String sha256) {
    return Arguments.of(what, bytes, metadata, sha256);
  }

  /** A proved clip's metadata with one entry changed. */
  private static BiFunction<ObjectLocation, Map<String, String>, Map<String, String>> with(
      String name, String value) {
    return (at, metadata) -> {
      Map<String, String> changed = new HashMap<>(PROOF.prove(at, metadata));
      changed.put(name, value);
      return changed;
    };
  }

  /** Proved metadata of a clip that differs in one entry. */
  private static BiFunction<ObjectLocation, Map<String, String>, Map<String, String>> proved(
      String name, String value) {
    return (at, metadata) -> {
      Map<String, String> changed = new HashMap<>(metadata);
      changed.put(name, value);
      return PROOF.prove(at, changed);
    };
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
