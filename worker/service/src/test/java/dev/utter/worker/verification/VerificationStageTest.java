package dev.utter.worker.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.events.AudioFormat;
import dev.utter.events.FinishReason;
import dev.utter.events.ModelIdentity;
import dev.utter.events.ObjectReference;
import dev.utter.events.StageTimings;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.events.VerificationRequested;
import dev.utter.events.WatermarkVerified;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.threads.Pause;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerificationStageTest {
  private static final String BUCKET = "utter-clips";
  private static final String VOICES = "voices";
  private static final Path SPEECH = Path.of(System.getProperty("utter.home"), "worker/speech");
  private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
  private static final WatermarkKey KEY = new WatermarkKey("ours", new byte[] {9, 8, 7, 6, 5});
  private static final AccessSettings ACCESS =
      new AccessSettings(
          new ObjectPrefix(BUCKET, ""),
          List.of(new ObjectPrefix(VOICES, "private")),
          List.of(new ObjectPrefix(BUCKET, "")),
          List.of(new ObjectPrefix(VOICES, "public")));
  private static final int REQUESTS_PER_MINUTE = 3;
  private static final int MAX_OBJECT_BYTES = 1_000_000;
  private static final WatermarkKey EARLIER =
      new WatermarkKey("earlier", new byte[] {7, 7, 1, 2, 3});
  private static final WatermarkKey OTHER = new WatermarkKey("theirs", new byte[] {1, 2, 3, 4, 5});
  private static final AudioDecoder DECODER = new AudioDecoder(AudioLimits.DEFAULT);
  private static final AudioEncoder ENCODER = new AudioEncoder(AudioLimits.DEFAULT);

  private static final Duration WHILE = Duration.ofMillis(20);

  private static Watermark watermark;
  private static AudioClip recording;

  private final EmbeddedSchemaRegistry registry =
      EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
  private final EmbeddedS3 s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
  private final ObjectStore store =
      ObjectStore.of(
          new StorageSettings(
              URI.create(s3.endpoint()),
              "us-east-1",
              new StorageCredentials(s3.accessKey(), s3.secretKey()),
              Duration.ofMinutes(2),
              MAX_OBJECT_BYTES,
              Map.of(),
              Optional.empty(),
              Path.of("models")),
          OwnBuckets.read(Set.of(BUCKET)));
  private final Map<String, String> properties = Map.of("schema.registry.url", registry.url());
  private final EventSerializer serializer = new EventSerializer(properties);
  private final EventDeserializer<WatermarkVerified> verdicts =
      new EventDeserializer<>(WatermarkVerified.class, properties);
  private final Guard guard = Guard.of(new InPlaceRetry(Duration.ZERO, new Pause()));
  private final VerificationStage stage =
      new VerificationStage(
          new VerificationSettings(
              VerificationSettings.defaults().patience(), REQUESTS_PER_MINUTE, 1),
          ACCESS,
          properties,
          store,
          new BoundedDecoder(DECODER, AudioLimits.DEFAULT, DecodingSettings.defaults()),
          new OnDevice(),
          new KeyRing(List.of(KEY, EARLIER)),
          CloudEvents.OFF,
          guard,
          Clock.fixed(NOW, ZoneOffset.UTC),
          new VerificationListener() {});
  private final TopologyTestDriver driver =
      new TopologyTestDriver(stage.topology(), streamsProperties(), NOW);

  private boolean lost;
  private boolean slow;

  /** How long the stage was without progress before and after a step of a look. */
  private final List<Duration> standstills = new ArrayList<>();

  /** The real watermark, until its device is lost; slow if it reports. */
  private final class OnDevice implements AudioWatermark {
    @Override
    public AudioClip embed(AudioClip clip, WatermarkKey key) {
      return watermark.embed(clip, key);
    }

    @Override
    public Detection detect(AudioClip clip, KeyRing expected) {
      if (lost) {
        throw new EngineBrokenException("the device is lost: CUDA error", null);
      }
      return watermark.detect(clip, expected);
    }

    @Override
    public AudioWatermark reporting(Runnable afterStep) {
      return slow ? watermark.reporting(() -> stepAfterAWhile(afterStep)) : this;
    }

    private void stepAfterAWhile(Runnable afterStep) {
      while (guard.activity().longestStandstill().compareTo(WHILE) < 0) {
        Thread.onSpinWait();
      }
      standstills.add(guard.activity().longestStandstill());
      afterStep.run();
      standstills.add(guard.activity().longestStandstill());
    }

    @Override
    public Duration minimumDuration() {
      return watermark.minimumDuration();
    }

    @Override
    public void close() {
      // It serves all tests.
    }
  }

  @BeforeAll
  static void load() throws IOException {
    watermark =
        Watermark.load(
            TorchEngine.start(EngineSettings.defaults()),
            SPEECH.resolve("models/development/watermark"),
            WatermarkSettings.DEFAULT);
    recording =
        DECODER.decode(
            Files.readAllBytes(SPEECH.resolve("src/test/fixtures/csm-tiny/audio/utterance_0.wav")));
  }

  @AfterAll
  static void unload() {
    watermark.close();
  }

  @AfterEach
  void close() {
    driver.close();
    stage.close();
    verdicts.close();
    serializer.close();
    store.close();
    s3.close();
    registry.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"WAV_PCM16", "FLAC"})
  void aMarkedClipMatches(FileFormat format) {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), format);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", sha256(clip)));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getVerdict()).isEqualTo(Verdict.MATCH);
    assertThat(verdict.getRequestId()).isEqualTo("a");
    assertThat(verdict.getConfidence()).isGreaterThan(0.6f);
    assertThat(verdict.getSha256()).isEqualTo(sha256(clip));
    assertThat(verdict.getKeyId()).isEqualTo("ours");
    assertThat(verdict.getMessage()).isNull();
    assertThat(verdict.getCheckedAt()).isEqualTo(NOW);
  }

  @Test
  void aLookThatWaitsForItsStepsMakesProgress() {
    // Given
    slow = true;
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", sha256(clip)));

    // Then
    assertThat(verdict().getVerdict()).isEqualTo(Verdict.MATCH);
    assertThat(standstills).hasSizeGreaterThan(2);
    for (int step = 0; step < standstills.size(); step += 2) {
      assertThat(standstills.get(step)).isGreaterThanOrEqualTo(WHILE);
      assertThat(standstills.get(step + 1)).isLessThan(standstills.get(step));
    }
    assertThat(guard.activity().longestStandstill()).isZero();
  }

  @Test
  void aClipOfAnEarlierKeyMatchesThatKey() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, EARLIER), FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", sha256(clip), "earlier"));
    WatermarkVerified announced = verdict();
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "clip", null));
    WatermarkVerified asked = verdict();

    // Then
    assertThat(List.of(announced, asked))
        .allSatisfy(
            verdict -> {
              assertThat(verdict.getVerdict()).isEqualTo(Verdict.MATCH);
              assertThat(verdict.getKeyId()).isEqualTo("earlier");
            });
  }

  @Test
  void aClipThatNamesTheWrongKeyOfTheRingDoesNotMatch() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, EARLIER), FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", sha256(clip), "ours"));

    // Then
    assertThat(verdict().getVerdict()).isIn(Verdict.OTHER_KEY, Verdict.NOT_FOUND);
  }

  @Test
  void nothingIsSaidOfAMarkWhoseKeyIsNotInTheRing() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, OTHER), FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", sha256(clip), "theirs"));
    WatermarkVerified whole = verdict();
    publish(Topics.COMPLETED, completed("clip", "0".repeat(64), "theirs"));
    WatermarkVerified changed = verdict();
    store.putIfAbsent(
        ObjectLocation.newest(BUCKET, "named"),
        clip,
        "audio/wav",
        Map.of("utter-watermark-key-id", "theirs"));
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "named", null));
    WatermarkVerified asked = verdict();

    // Then
    assertThat(whole.getVerdict()).isEqualTo(Verdict.KEY_UNKNOWN);
    assertThat(whole.getKeyId()).isEqualTo("theirs");
    assertThat(whole.getSha256()).isEqualTo(sha256(clip));
    assertThat(whole.getConfidence()).isZero();
    assertThat(whole.getMessage()).contains("theirs").contains("watermark.keys");
    assertThat(changed.getVerdict()).isEqualTo(Verdict.OBJECT_CHANGED);
    assertThat(asked.getVerdict()).isEqualTo(Verdict.KEY_UNKNOWN);
    assertThat(asked.getKeyId()).isEqualTo("theirs");
  }

  @Test
  void tooManyVerificationRequestsAreRefusedAndCompletedClipsAreStillChecked() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16);
    store("clip", clip);
    for (int i = 0; i < REQUESTS_PER_MINUTE; i++) {
      publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "gone", null));
      assertThat(verdict().getVerdict()).isEqualTo(Verdict.OBJECT_MISSING);
    }

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "clip", null));
    WatermarkVerified asked = verdict();
    publish(Topics.COMPLETED, completed("clip", sha256(clip)));
    WatermarkVerified announced = verdict();

    // Then
    assertThat(asked.getRequested()).isTrue();
    assertThat(announced.getRequested()).isFalse();
    assertThat(asked.getVerdict()).isEqualTo(Verdict.RATE_LIMITED);
    assertThat(asked.getSha256()).isNull();
    assertThat(asked.getMessage()).contains("verification.requestsPerMinute");
    assertThat(announced.getVerdict()).isEqualTo(Verdict.MATCH);
  }

  @Test
  void aVerdictGivesNoNumbersAway() {
    // Given
    store("clip", ENCODER.encode(watermark.embed(recording, OTHER), FileFormat.WAV_PCM16));

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "clip", null));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getMessage()).doesNotContainPattern("[0-9]");
    assertThat(verdict.getConfidence() * 20)
        .isCloseTo(Math.round(verdict.getConfidence() * 20), within(1e-4f));
  }

  @Test
  void aLostDeviceStopsTheStageAndIsNoVerdict() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16);
    store("clip", clip);
    lost = true;

    // Then
    assertThatThrownBy(() -> publish(Topics.COMPLETED, completed("clip", sha256(clip))))
        .hasStackTraceContaining(WorkerBrokenException.class.getName());
    assertThat(driver.producedTopicNames()).isEmpty();
  }

  @Test
  void anUnmarkedClipIsDetected() {
    // Given
    byte[] clip = ENCODER.encode(recording, FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", sha256(clip)));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getVerdict()).isEqualTo(Verdict.NOT_FOUND);
    assertThat(verdict.getMessage()).isNotBlank();
  }

  @Test
  void aClipMarkedWithAnotherKeyDoesNotMatch() {
    // Given
    store("clip", ENCODER.encode(watermark.embed(recording, OTHER), FileFormat.WAV_PCM16));

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "clip", null));

    // Then
    assertThat(verdict().getVerdict()).isIn(Verdict.OTHER_KEY, Verdict.NOT_FOUND);
  }

  @Test
  void aChangedObjectIsDetectedEvenIfItIsMarked() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.COMPLETED, completed("clip", "0".repeat(64)));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getVerdict()).isEqualTo(Verdict.OBJECT_CHANGED);
    assertThat(verdict.getSha256()).isEqualTo(sha256(clip));
  }

  @Test
  void aMissingObjectIsReportedAsMissing() {
    // Given
    s3.createBucket(BUCKET);

    // When
    publish(Topics.COMPLETED, completed("gone", "0".repeat(64)));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getVerdict()).isEqualTo(Verdict.OBJECT_MISSING);
    assertThat(verdict.getSha256()).isNull();
    assertThat(verdict.getMessage()).contains("gone");
  }

  @Test
  void anObjectThatIsNoAudioIsNotReportedAsUnmarked() {
    // Given
    store("letter.wav", "Dear reader".getBytes(StandardCharsets.UTF_8));

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "letter.wav", null));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getVerdict()).isEqualTo(Verdict.OBJECT_UNREADABLE);
    assertThat(verdict.getMessage()).contains("storage.maxObjectBytes at most");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "0000000000000000000000000000000000000000000000000000000000000000"})
  void aVerificationRequestDoesNotRevealTheDigestOfAnObject(String guess) {
    // Given
    Map<String, byte[]> objects =
        Map.of(
            "clip", ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16),
            "unmarked", ENCODER.encode(recording, FileFormat.WAV_PCM16),
            "letter.wav", "Dear reader".getBytes(StandardCharsets.UTF_8));
    objects.forEach(this::store);

    objects.forEach(
        (key, bytes) -> {
          // When
          publish(Topics.VERIFICATION_REQUESTS, expecting(key, guess));
          WatermarkVerified verdict = verdict();

          // Then
          assertThat(verdict.getVerdict()).isNotIn(Verdict.RATE_LIMITED, Verdict.OBJECT_MISSING);
          assertThat(verdict.getSha256()).isNull();
          assertThat(verdict.toString()).doesNotContain(sha256(bytes));
        });
  }

  @Test
  void aRequestWithTheRightDigestGetsAVerdictAboutIt() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16);
    store("clip", clip);

    // When
    publish(Topics.VERIFICATION_REQUESTS, expecting("clip", sha256(clip)));
    WatermarkVerified right = verdict();
    publish(Topics.VERIFICATION_REQUESTS, expecting("clip", "0".repeat(64)));
    WatermarkVerified wrong = verdict();

    // Then
    assertThat(right.getVerdict()).isEqualTo(Verdict.MATCH);
    assertThat(right.getSha256()).isEqualTo(sha256(clip));
    assertThat(wrong.getVerdict()).isEqualTo(Verdict.OBJECT_CHANGED);
    assertThat(wrong.getMessage()).contains("not the one expected").contains("0".repeat(60));
  }

  @Test
  void theReasonWhyAnObjectCannotBeReadIsNotRevealed() {
    // Given
    store("letter.wav", "Dear reader".getBytes(StandardCharsets.UTF_8));
    store("large.wav", new byte[MAX_OBJECT_BYTES + 1]);

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "letter.wav", null));
    WatermarkVerified letter = verdict();
    publish(Topics.VERIFICATION_REQUESTS, requested(BUCKET, "large.wav", null));
    WatermarkVerified large = verdict();
    publish(Topics.COMPLETED, completed("large.wav", "0".repeat(64)));
    WatermarkVerified announced = verdict();

    // Then
    assertThat(List.of(letter, large, announced))
        .extracting(WatermarkVerified::getVerdict)
        .containsOnly(Verdict.OBJECT_UNREADABLE);
    assertThat(large.getMessage()).isEqualTo(letter.getMessage()).doesNotContainPattern("[0-9]");
    assertThat(announced.getMessage()).contains("the limit is " + MAX_OBJECT_BYTES);
  }

  static Stream<Arguments> hostileReferences() {
    return Stream.of(
        Arguments.of("secrets", "clip", null, "access.outputs or access.verifications allows"),
        Arguments.of("../etc", "passwd", null, "audio.bucket"),
        Arguments.of(BUCKET, "../../etc/passwd", null, "audio.key"),
        Arguments.of(BUCKET, "a\nb", null, "audio.key"),
        Arguments.of(BUCKET, "", null, "audio.key"),
        Arguments.of(BUCKET, "x".repeat(100_000), null, "audio.key"),
        Arguments.of(BUCKET, "clip", "v\r\nHost: other", "audio.versionId"));
  }

  @ParameterizedTest
  @MethodSource("hostileReferences")
  void aHostileReferenceIsAnsweredAndNothingIsRead(
      String bucket, String key, String version, String why) {
    // Given
    s3.stop();

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(bucket, key, version));

    // Then
    WatermarkVerified verdict = verdict();
    assertThat(verdict.getVerdict()).isEqualTo(Verdict.OBJECT_MISSING);
    assertThat(verdict.getMessage()).contains(why).hasSizeLessThan(500);
    assertThat(verdict.getAudio().getKey()).hasSizeLessThan(200);
  }

  @Test
  void outsideTheAllowedPlacesAnObjectThatIsThereIsAnsweredLikeOneThatIsNot() {
    // Given
    byte[] clip = ENCODER.encode(watermark.embed(recording, KEY), FileFormat.WAV_PCM16);
    store(VOICES, "private/a.wav", clip);
    store(VOICES, "public/a.wav", clip);

    // When
    publish(Topics.VERIFICATION_REQUESTS, requested(VOICES, "private/a.wav", null));
    WatermarkVerified there = verdict();
    publish(Topics.VERIFICATION_REQUESTS, requested(VOICES, "private/b.wav", null));
    WatermarkVerified notThere = verdict();
    publish(Topics.VERIFICATION_REQUESTS, requested(VOICES, "public/a.wav", null));
    WatermarkVerified allowed = verdict();

    // Then
    assertThat(there.getVerdict()).isEqualTo(Verdict.OBJECT_MISSING);
    assertThat(there.getMessage()).contains("private/a.wav").contains("access.verifications");
    assertThat(there.toString().replace("a.wav", "b.wav"))
        .isEqualTo(
            notThere
                .toString()
                .replace(notThere.getEventId().toString(), there.getEventId().toString()));
    assertThat(allowed.getVerdict()).isEqualTo(Verdict.MATCH);
  }

  @Test
  void anUndecodableRecordBecomesADeadLetter() {
    // When
    publishBytes(Topics.VERIFICATION_REQUESTS, new byte[] {7, 7, 7});

    // Then
    assertThat(records(Topics.DEAD_LETTERS))
        .singleElement()
        .satisfies(letter -> assertThat(letter.value()).containsExactly(7, 7, 7));
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoVerdict() {
    // Given
    byte[] value = serializer.serialize(Topics.COMPLETED, completed("clip", "0".repeat(64)));
    s3.createBucket(BUCKET);
    s3.stop();

    // Then
    assertThatThrownBy(() -> publishBytes(Topics.COMPLETED, value))
        .hasCauseInstanceOf(RetryLaterException.class);
    assertThat(records(Topics.VERIFIED)).isEmpty();
  }

  private void store(String key, byte[] data) {
    store(BUCKET, key, data);
  }

  private void store(String bucket, String key, byte[] data) {
    s3.createBucket(bucket);
    store.putIfAbsent(ObjectLocation.newest(bucket, key), data, "audio/wav", Map.of());
  }

  private WatermarkVerified verdict() {
    List<TestRecord<byte[], byte[]>> records = records(Topics.VERIFIED);
    assertThat(records).hasSize(1);
    return verdicts.deserialize(Topics.VERIFIED, records.get(0).value());
  }

  private void publish(String topic, SpecificRecord event) {
    publishBytes(topic, serializer.serialize(topic, event));
  }

  private void publishBytes(String topic, byte[] value) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput("a".getBytes(StandardCharsets.UTF_8), value);
  }

  private List<TestRecord<byte[], byte[]>> records(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static VerificationRequested requested(String bucket, String key, String version) {
    return VerificationRequested.newBuilder()
        .setRequestId("a")
        .setAudio(new ObjectReference(bucket, key, version))
        .setRequestedAt(NOW)
        .build();
  }

  private static VerificationRequested expecting(String key, String sha256) {
    return VerificationRequested.newBuilder(requested(BUCKET, key, null))
        .setExpectedSha256(sha256)
        .build();
  }

  private static SynthesisCompleted completed(String key, String sha256) {
    return completed(key, sha256, "ours");
  }

  private static SynthesisCompleted completed(String key, String sha256, String keyId) {
    return SynthesisCompleted.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId("a")
        .setAudio(new StoredAudio(BUCKET, key, null, "e", sha256, 10L))
        .setFormat(AudioFormat.WAV_PCM16)
        .setSampleRate(24_000)
        .setDurationMillis(80)
        .setFrames(1)
        .setFinishReason(FinishReason.END_OF_AUDIO)
        .setSeed(7)
        .setModel(new ModelIdentity("m", "r"))
        .setWatermark(new dev.utter.events.Watermark("silentcipher-44.1k", keyId, 1f))
        .setTimings(new StageTimings(1L, 2L, 3L, 4L, 5L))
        .setAttempt(1)
        .setWorker("w")
        .setAttributes(Map.of())
        .setCompletedAt(NOW)
        .build();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static Properties streamsProperties() {
    Properties streams = new Properties();
    streams.put(StreamsConfig.APPLICATION_ID_CONFIG, "verification-test");
    streams.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "not-used:1");
    return streams;
  }
}
