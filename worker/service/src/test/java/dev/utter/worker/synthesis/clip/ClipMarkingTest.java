package dev.utter.worker.synthesis.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.FinishReason;
import dev.utter.speech.Speech;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.signing.ClipSigner;
import dev.utter.worker.synthesis.SynthesisRig;
import dev.utter.worker.synthesis.TestingSpeechModel;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.request.Planner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows from a detection. The networks that detect have their own tests. */
class ClipMarkingTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration MINIMUM = Duration.ofMillis(500);

  private Detection detection = Detection.match("demo", 0.871f, "found");

  /** Networks whose verdict a test decides. */
  private final AudioWatermark watermark =
      new AudioWatermark() {
        @Override
        public AudioClip embed(AudioClip clip, WatermarkKey key) {
          return clip;
        }

        @Override
        public Detection detect(AudioClip clip, KeyRing keys) {
          return detection;
        }

        @Override
        public Duration minimumDuration() {
          return MINIMUM;
        }

        @Override
        public void close() {}
      };

  private final Plan plan =
      new Planner(
              new AccessRules(AccessSettings.defaults(new ObjectPrefix("clips", "clips"))),
              TestingSpeechModel.DESCRIPTION)
          .plan(
              SynthesisRig.request("id", "Hello.")
                  .setOptions(GenerationOptions.newBuilder().setTopK(50).setSeed(7L).build())
                  .build());

  private ClipMarking marking(Optional<ClipSigner> signer) {
    return new ClipMarking(
        watermark,
        WatermarkKey.PUBLIC_DEMO,
        new AudioEncoder(AudioLimits.DEFAULT),
        new AudioDecoder(AudioLimits.DEFAULT),
        signer);
  }

  private MarkedClip mark(Optional<ClipSigner> signer, int millis) {
    return marking(signer)
        .mark(plan, speech(millis), TestingSpeechModel.DESCRIPTION, PassPriority.NORMAL);
  }

  private static Speech speech(int millis) {
    return new Speech(
        new AudioClip(new float[24 * millis], 24_000),
        new AudioCodes(4, new int[4 * 3]),
        FinishReason.MAX_DURATION,
        3,
        0,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO);
  }

  @Test
  void theFactsAreThoseOfTheFileAndOfTheSpeech() {
    // When
    MarkedClip clip = mark(Optional.empty(), 800);

    // Then
    assertThat(clip.facts())
        .isEqualTo(
            new ClipFacts(
                "id",
                plan.fingerprint(),
                Sha256.hex(clip.file()),
                24_000,
                800,
                3,
                dev.utter.events.FinishReason.MAX_DURATION,
                7,
                "testing",
                "0123abcd",
                WatermarkKey.PUBLIC_DEMO.id(),
                0.85f,
                Optional.empty()));
  }

  @Test
  void aWorkerWithAKeySignsTheFacts(@TempDir Path folder) throws Exception {
    // Given
    byte[] key =
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded();
    Path file =
        Files.writeString(
            folder.resolve("key.pem"),
            "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key)
                + "\n-----END PRIVATE KEY-----\n");
    ClipSigner signer = new ClipSigner(file, Clock.fixed(NOW, ZoneOffset.UTC));

    // When
    ClipFacts facts = mark(Optional.of(signer), 800).facts();

    // Then
    assertThat(facts.signature())
        .contains(signer.sign("id", facts.sha256(), "testing", "0123abcd", facts.keyId()));
    assertThat(facts.signature().orElseThrow().createdAt()).isEqualTo(NOW);
    assertThat(ClipFacts.of(facts.metadata())).contains(facts);
  }

  @Test
  void aClipWithoutAMarkIsNotStored() {
    // Given
    detection = Detection.notFound(0.3f, "nothing");

    // Then
    assertThatThrownBy(() -> mark(Optional.empty(), 500))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> assertThat(failure.code()).isEqualTo(FailureCode.WATERMARK_NOT_DETECTED))
        .hasMessage("no watermark could be detected in the encoded clip, so it was not stored");
  }

  @Test
  void theFailureOfAClipThatIsTooShortForAMarkSaysSo() {
    // Given
    detection = Detection.notFound(0.3f, "nothing");

    // Then
    assertThatThrownBy(() -> mark(Optional.empty(), 499))
        .hasMessageEndingWith(
            "; the clip lasts 499 ms and a mark needs 500 ms, ask for a longer one");
  }
}
