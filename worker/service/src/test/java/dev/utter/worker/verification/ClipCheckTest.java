package dev.utter.worker.verification;

import static dev.utter.worker.storage.CannedServer.answer;
import static dev.utter.worker.storage.CannedServer.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.utter.events.ObjectReference;
import dev.utter.events.Verdict;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.storage.CannedServer;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.streams.StageActivity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClipCheckTest {
  private static final String BUCKET = "clips";
  private static final byte[] CLIP =
      new AudioEncoder(AudioLimits.DEFAULT)
          .encode(new AudioClip(new float[24_000], 24_000), FileFormat.WAV_PCM16);

  /** A clock that is moved by hand. */
  private static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-11-23T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  /** Finds no mark in any clip. */
  private static final class NoMark implements AudioWatermark {
    @Override
    public AudioClip embed(AudioClip clip, WatermarkKey key) {
      throw new UnsupportedOperationException("verification marks nothing");
    }

    @Override
    public Detection detect(AudioClip clip, KeyRing expected) {
      return Detection.notFound(0.1f, "nothing there");
    }

    @Override
    public Duration minimumDuration() {
      return Duration.ZERO;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  private final HandClock clock = new HandClock();
  private volatile int status = 503;
  private volatile String code = "SlowDown";
  private volatile boolean everything;
  private CannedServer server;
  private ObjectStore store;
  private ClipCheck check;
  private double drawn;

  @BeforeEach
  void start() throws IOException {
    server = new CannedServer(this::serve);
    store = server.store(OwnBuckets.read(Set.of(BUCKET)));
    check = check(VerificationSettings.defaults());
  }

  private ClipCheck check(VerificationSettings settings) {
    return new ClipCheck(
        settings,
        new AccessRules(AccessSettings.defaults(new ObjectPrefix(BUCKET, ""))),
        store,
        new BoundedDecoder(
            new AudioDecoder(AudioLimits.DEFAULT),
            AudioLimits.DEFAULT,
            DecodingSettings.defaults()),
        new NoMark(),
        KeyRing.of(new WatermarkKey("ours", new byte[] {9, 8, 7, 6, 5})),
        new StageActivity(),
        clock,
        () -> drawn);
  }

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  /** Refuses what begins with bad, or everything. */
  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (everything || path.contains("/bad")) {
      answer(exchange, status, "application/xml", error(code));
    } else if (path.contains("/.utter-probe/") || path.contains("/gone")) {
      answer(exchange, 404, "application/xml", error("NoSuchKey"));
    } else {
      byte[] body = path.endsWith(".txt") ? "Dear reader".getBytes(StandardCharsets.UTF_8) : CLIP;
      exchange.getResponseHeaders().set("ETag", "\"e\"");
      exchange.getResponseHeaders().set("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT");
      exchange.getResponseHeaders().set("Content-Type", "audio/wav");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
      exchange.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "403, InvalidObjectState",
    "400, KMS.DisabledException",
    "403, AccessDenied",
    "403, AllAccessDisabled",
    "400, SomethingNobodyHasHeardOf"
  })
  void aClipThatTheStoreRefusesIsUnreadableAtOnceAndNotUnmarked(int refusal, String reason) {
    // Given
    status = refusal;
    code = reason;

    // When
    Finding finding = check.check(clip("bad.wav"));

    // Then
    assertThat(finding.verdict()).isEqualTo(Verdict.OBJECT_UNREADABLE);
    assertThat(finding.message().orElseThrow()).contains(refusal + " " + reason);
    assertThat(finding.sha256()).isEmpty();
  }

  @Test
  void aClipThatCannotBeDecodedIsUnreadableAndOneWithoutAMarkIsNot() {
    Finding text = check.check(clip("letter.txt"));
    Finding unmarked = check.check(clip("good.wav"));
    Finding gone = check.check(clip("gone.wav"));

    assertThat(text.verdict()).isEqualTo(Verdict.OBJECT_UNREADABLE);
    assertThat(text.message().orElseThrow()).contains("cannot be decoded");
    assertThat(text.sha256()).isPresent();
    assertThat(unmarked.verdict()).isEqualTo(Verdict.NOT_FOUND);
    assertThat(gone.verdict()).isEqualTo(Verdict.OBJECT_MISSING);
  }

  @Test
  void aSingleClipThatTheStoreDoesNotGiveIsWaitedForAndThenUnreadable() {
    // Given
    assertThatThrownBy(() -> check.check(clip("bad.wav"))).isInstanceOf(RetryLaterException.class);
    clock.now = clock.now.plusSeconds(9);
    assertThatThrownBy(() -> check.check(clip("bad.wav"))).isInstanceOf(RetryLaterException.class);

    // When
    clock.now = clock.now.plusSeconds(1);
    Finding finding = check.check(clip("bad.wav"));

    // Then
    assertThat(finding.verdict()).isEqualTo(Verdict.OBJECT_UNREADABLE);
    assertThat(finding.message().orElseThrow())
        .contains("503 SlowDown")
        .contains("others in its bucket could be read for PT10S");
  }

  @Test
  void aClipThatIsGivenInTimeIsChecked() {
    // Given
    assertThatThrownBy(() -> check.check(clip("bad.wav"))).isInstanceOf(RetryLaterException.class);
    clock.now = clock.now.plusSeconds(9);

    // When
    Finding other = check.check(clip("good.wav"));

    // Then
    assertThat(other.verdict()).isEqualTo(Verdict.NOT_FOUND);
    assertThatThrownBy(() -> check.check(clip("bad.wav"))).isInstanceOf(RetryLaterException.class);
  }

  @Test
  void whileTheStoreGivesNothingNoClipIsUnreadable() {
    // Given
    everything = true;
    for (int hour = 0; hour < 5; hour++) {
      assertThatThrownBy(() -> check.check(clip("bad.wav")))
          .isInstanceOf(RetryLaterException.class);
      clock.now = clock.now.plusSeconds(3600);
    }

    // When
    everything = false;

    // Then
    assertThatThrownBy(() -> check.check(clip("bad.wav"))).isInstanceOf(RetryLaterException.class);
    assertThat(check.check(clip("good.wav")).verdict()).isEqualTo(Verdict.NOT_FOUND);
  }

  @Test
  void bytesOfTheAnnouncedDigestAreAMatchWithoutALook() {
    // Given
    check = check(new VerificationSettings(Duration.ofSeconds(10), 60, 0.05));
    drawn = 0.05;

    // When
    Finding finding = check.check(announced(Sha256.hex(CLIP), Optional.of(0.9f)));

    // Then
    assertThat(finding.verdict()).isEqualTo(Verdict.MATCH);
    assertThat(finding.byDigest()).isTrue();
    assertThat(finding.keyId()).isEqualTo("ours");
    assertThat(finding.confidence()).isEqualTo(0.9f);
    assertThat(finding.sha256()).contains(Sha256.hex(CLIP));
  }

  @Test
  void theMarkIsLookedForInTheConfiguredShareOfClips() {
    // Given
    check = check(new VerificationSettings(Duration.ofSeconds(10), 60, 0.05));
    drawn = 0.049;

    // When
    Finding finding = check.check(announced(Sha256.hex(CLIP), Optional.of(0.9f)));

    // Then
    assertThat(finding.verdict()).isEqualTo(Verdict.NOT_FOUND);
    assertThat(finding.byDigest()).isFalse();
  }

  @Test
  void byDefaultTheMarkIsLookedForInEveryClip() {
    // Given
    drawn = Math.nextDown(1.0);

    // When
    Finding finding = check.check(announced(Sha256.hex(CLIP), Optional.of(0.9f)));

    // Then
    assertThat(finding.verdict()).isEqualTo(Verdict.NOT_FOUND);
  }

  @Test
  void aRequestedOrDifferentDigestProvesNoMark() {
    // Given
    check = check(new VerificationSettings(Duration.ofSeconds(10), 60, 0.05));
    drawn = 1;

    // When
    Finding asked = check.check(announced(Sha256.hex(CLIP), Optional.empty()));
    Finding changed = check.check(announced("0".repeat(64), Optional.of(0.9f)));

    // Then
    assertThat(asked.verdict()).isEqualTo(Verdict.NOT_FOUND);
    assertThat(changed.verdict()).isEqualTo(Verdict.OBJECT_CHANGED);
  }

  private static StoredClip clip(String key) {
    return new StoredClip(
        "a",
        new ObjectReference(BUCKET, key, null),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** A clip of the deployment, with what its event says. */
  private static StoredClip announced(String sha256, Optional<Float> confidence) {
    return new StoredClip(
        "a",
        new ObjectReference(BUCKET, "good.wav", null),
        Optional.of("ours"),
        Optional.of(sha256),
        confidence);
  }
}
