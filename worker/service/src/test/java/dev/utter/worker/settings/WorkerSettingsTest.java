package dev.utter.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.EndingSettings.Silence;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.model.ModelSource;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.publisher.PublisherLimits;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.storage.ClipProof;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.CredentialFiles;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.SynthesisSettings;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import dev.utter.worker.telemetry.HttpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerSettingsTest {
  private static final String CLIP_KEY = "clip-hush-clip-hush-clip-hush-clip";
  private static final Map<String, String> SECRETS =
      Map.of(
          "S3_SECRET", "s3-hush",
          "KEY", "0102030405",
          "OLD_KEY", "0a0b0c0d0e",
          "KAFKA_PASSWORD", "kafka-hush",
          "CLIP_KEY", CLIP_KEY);

  private static final String FULL =
      """
      worker:
        name: worker-1
        roles: [admission, synthesis, verification, status]
        stopTimeout: 1m
      kafka:
        bootstrapServers: broker-1:9092
        stateFolder: /var/lib/utter
        properties:
          security.protocol: SASL_SSL
          sasl.jaas.config: env:KAFKA_PASSWORD
        createTopics:
          partitions: 12
      registry:
        url: https://registry:8081
        properties:
          basic.auth.credentials.source: USER_INFO
          basic.auth.user.info: env:KAFKA_PASSWORD
      output:
        bucket: utter-clips
        clipKeys: [env:CLIP_KEY]
      access:
        contexts: [voices/public/, utter-clips/context]
        outputs: [utter-clips/clips, team-a/]
        verifications: [archive/2025]
      storage:
        endpoint: https://minio:9000
        accessKey: utter
        secretKey: env:S3_SECRET
        callTimeout: 30s
      model:
        source: /models/csm-1b
        threads: 4
        precision: bfloat16
        prefillChunk: 96
        slots: 6
        memoryBytes: 8000000000
        prefixBytes: 0
        framesPerDecode: 2
        strict: true
        graphs: false
        nativeLibrary: /opt/utter/libutter-ops.so
        endings:
          repeatedFrames: 12
          silence:
            longest: 3s
          runaway:
            enabled: false
      watermark:
        keys:
          - id: production-2
            key: env:KEY
          - id: production-1
            key: env:OLD_KEY
      admission:
        maxTextChars: 500
        retention: 2d
      synthesis:
        patience: 20m
        suspectWait: 5s
        suspectDrain: 1m
        normalShare: 30
        cancellationBytes: 1000000
        hungAfter: 10m
      publishers:
        header: x-team
        audioSecondsPerMinute: 600
        overrides:
          token-service: {requestsPerMinute: 30}
          team-a@b.example/x: {requestsPerMinute: 6, audioSecondsPerMinute: 0}
      intake:
        attemptLimit: 5
        window: 64
      http:
        port: 9090
      """;

  @ParameterizedTest
  @CsvSource({
    "UTTER_ACCESS_CONTEXT, UTTER_ACCESS_CONTEXTS",
    "UTTER_KAFKA_BOOTSTRAP_SERVER, UTTER_KAFKA_BOOTSTRAP_SERVERS",
    "UTTER_MODEL_PRECISON, UTTER_MODEL_PRECISION",
  })
  void aMisspeltVariableIsRefusedWithTheNearestSetting(String name, String nearest) {
    assertThatThrownBy(() -> WorkerSettings.parse(FULL, with(Map.of(name, "x"))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(
            "unknown environment variable " + name + "; the nearest setting is " + nearest);
  }

  @Test
  void aVariableOfAServiceLinkIsRefusedWithTheRemedy() {
    assertThatThrownBy(
            () -> WorkerSettings.parse(FULL, with(Map.of("UTTER_SERVICE_HOST", "10.0.0.1"))))
        .hasMessageContaining("unknown environment variable UTTER_SERVICE_HOST")
        .hasMessageContaining("enableServiceLinks: false");
  }

  @Test
  void variablesOfTheProcessAndOfOtherRolesAreNoMistake() {
    // Given
    String statusOnly =
        """
        worker: {roles: [status]}
        kafka: {bootstrapServers: broker:9092}
        registry: {url: https://registry:8081}
        allowClearText: {kafka: true}
        """;
    Map<String, String> environment =
        Map.of(
            "UTTER_JAVA_OPTS", "-Xmx1g",
            "UTTER_LOG_LEVEL", "DEBUG",
            "UTTER_MODEL_PRECISION", "INT8",
            "UTTER_WATERMARK_KEYS", "k1=0102030405",
            "OTHER", "x");

    // Then
    assertThat(WorkerSettings.parse(statusOnly, environment).worker().roles())
        .containsExactly(Role.STATUS);
  }

  @Test
  void everySectionIsRead() {
    // When
    WorkerSettings settings = WorkerSettings.parse(FULL, SECRETS);

    // Then
    assertThat(settings.worker().roles()).containsExactlyInAnyOrder(Role.values());
    assertThat(settings.worker().stopTimeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.kafka().client())
        .containsEntry("bootstrap.servers", "broker-1:9092")
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.jaas.config", "kafka-hush");
    assertThat(settings.kafka().createTopics())
        .contains(new TopicCreation(12, OptionalInt.empty()));
    assertThat(settings.registry().client())
        .containsEntry("schema.registry.url", "https://registry:8081")
        .containsEntry("basic.auth.user.info", "kafka-hush");
    assertThat(settings.storage().orElseThrow().credentials().secretKey()).isEqualTo("s3-hush");
    assertThat(settings.storage().orElseThrow().callTimeout()).isEqualTo(Duration.ofSeconds(30));
    SpeechSettings speech = settings.model().orElseThrow().speech();
    assertThat(speech.engine().threads()).hasValue(4);
    assertThat(speech.engine().precision()).isEqualTo(Precision.BFLOAT16);
    assertThat(speech.engine().nativeLibrary()).contains(Path.of("/opt/utter/libutter-ops.so"));
    assertThat(speech.generation())
        .isEqualTo(
            GenerationSettings.defaults()
                .withPrefillChunk(96)
                .withSlots(6)
                .withMemoryBytes(8_000_000_000L)
                .withPrefixBytes(0)
                .withFramesPerDecode(2)
                .withStrict(true)
                .withGraphs(false));
    assertThat(speech.endings())
        .isEqualTo(
            new EndingSettings(
                12,
                Optional.of(new Silence(-60, Duration.ofSeconds(3), Duration.ofMillis(500))),
                Optional.empty()));
    assertThat(settings.model().orElseThrow().source())
        .isEqualTo(ModelSource.of(Path.of("/models/csm-1b")));
    assertThat(settings.model().orElseThrow().download()).isFalse();
    assertThat(settings.watermark().orElseThrow().source())
        .isEqualTo(ModelSource.of(Path.of("/models/csm-1b/watermark")));
    assertThat(settings.watermark().orElseThrow().keys())
        .isEqualTo(
            new KeyRing(
                List.of(
                    WatermarkKey.parse("production-2", "0102030405"),
                    WatermarkKey.parse("production-1", "0a0b0c0d0e"))));
    assertThat(settings.admission().maxTextChars()).isEqualTo(500);
    SynthesisSettings synthesis = settings.synthesis().orElseThrow();
    assertThat(synthesis.retries().patience()).isEqualTo(Duration.ofMinutes(20));
    assertThat(synthesis.suspects())
        .isEqualTo(
            new Suspects(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMinutes(1)));
    assertThat(synthesis.shares()).isEqualTo(new LaneShares(30, 5));
    assertThat(synthesis.publisherHeader()).isEqualTo("x-team");
    assertThat(settings.publishers())
        .isEqualTo(
            new PublisherSettings(
                "x-team",
                new PublisherLimits(0, 600),
                Map.of(
                    "token-service", new PublisherLimits(30, 600),
                    "team-a@b.example/x", new PublisherLimits(6, 0))));
    assertThat(synthesis.hungAfter()).isEqualTo(Duration.ofMinutes(10));
    // Without a separate setting a cancellation lasts as long as the id it is about.
    assertThat(synthesis.cancellations())
        .isEqualTo(new CancellationMemory(1_000_000, Duration.ofDays(2)));
    assertThat(settings.access())
        .contains(
            new AccessSettings(
                new ObjectPrefix("utter-clips", "clips"),
                List.of(
                    new ObjectPrefix("voices", "public"),
                    new ObjectPrefix("utter-clips", "context")),
                List.of(new ObjectPrefix("utter-clips", "clips"), new ObjectPrefix("team-a", "")),
                List.of(new ObjectPrefix("archive", "2025"))));
    assertThat(synthesis.access()).isEqualTo(settings.access().orElseThrow());
    assertThat(settings.ownBuckets())
        .isEqualTo(
            new OwnBuckets(
                Set.of("utter-clips", "team-a"), Set.of("utter-clips", "team-a", "archive")));
    assertThat(settings.admission().retention()).isEqualTo(Duration.ofDays(2));
    assertThat(settings.intake().attemptLimit()).isEqualTo(5);
    assertThat(settings.intake().groupId()).isEqualTo("utter-synthesis");
    assertThat(settings.intake().window()).hasValue(64);
    assertThat(settings.http()).isEqualTo(new HttpSettings("0.0.0.0", 9090));
  }

  @Test
  void fileAndEnvironmentMayLeaveASettingToTheWorker() {
    // Given
    String file =
        FULL.replace("threads: 4", "threads: auto")
            .replace("slots: 6", "slots: AUTO")
            .replace("window: 64", "window: auto")
            .replace("partitions: 12", "replication: auto");
    Map<String, String> environment =
        with(
            Map.of(
                "UTTER_MODEL_MEMORY_BYTES", "auto",
                "UTTER_SYNTHESIS_PREFETCH", "auto",
                "UTTER_SYNTHESIS_FINISHING_THREADS", "auto",
                "UTTER_WATERMARK_STRENGTH_DECIBELS", "auto",
                "UTTER_DECODING_MEMORY_BYTES", "auto"));

    // When
    WorkerSettings settings = WorkerSettings.parse(file, environment);

    // Then
    SpeechSettings speech = settings.model().orElseThrow().speech();
    assertThat(speech.engine().threads()).isEmpty();
    assertThat(speech.generation().slots()).isEmpty();
    assertThat(speech.generation().memoryBytes()).isEmpty();
    assertThat(settings.intake().window()).isEmpty();
    assertThat(settings.kafka().createTopics())
        .contains(new TopicCreation(64, OptionalInt.empty()));
    assertThat(settings.synthesis().orElseThrow().prefetch()).isEmpty();
    assertThat(settings.synthesis().orElseThrow().finishingThreads()).isEmpty();
    assertThat(settings.watermark().orElseThrow().detection().strengthDecibels()).isEmpty();
    assertThat(settings.decoding()).isEqualTo(DecodingSettings.defaults());
    assertThat(settings.describe()).contains("prefetch: auto").contains("slots: auto");
  }

  @Test
  void byDefaultContextComesFromBesideTheClips() {
    // Given
    String yaml = FULL.replaceAll("access:\n.*\n.*\n.*\n", "");

    // Then
    assertThat(WorkerSettings.parse(yaml, SECRETS).access())
        .contains(
            new AccessSettings(
                new ObjectPrefix("utter-clips", "clips"),
                List.of(new ObjectPrefix("utter-clips", "context")),
                List.of(new ObjectPrefix("utter-clips", "clips")),
                List.of()));
  }

  @Test
  void theEnvironmentOverridesTheFile() {
    // Given
    Map<String, String> environment =
        with(
            Map.of(
                "UTTER_KAFKA_BOOTSTRAP_SERVERS", "other:9092",
                "UTTER_KAFKA_PROPERTIES", "{security.protocol: SSL, client.id: mine}",
                "UTTER_WORKER_ROLES", "admission, status",
                "UTTER_STORAGE_SECRET_KEY", "from-the-environment",
                "UTTER_PUBLISHERS_OVERRIDES", "{team-b: {}, token-service: {requestsPerMinute: 9}}",
                "UTTER_PUBLISHERS_REQUESTS_PER_MINUTE", "12",
                "UTTER_ADMISSION_MAX_TEXT_CHARS", "7"));

    // When
    WorkerSettings settings = WorkerSettings.parse(FULL, environment);

    // Then
    assertThat(settings.kafka().client())
        .containsEntry("bootstrap.servers", "other:9092")
        .containsEntry("security.protocol", "SSL")
        .containsEntry("client.id", "mine")
        .containsEntry("sasl.jaas.config", "kafka-hush");
    assertThat(settings.worker().roles()).containsExactlyInAnyOrder(Role.ADMISSION, Role.STATUS);
    assertThat(settings.storage().orElseThrow().credentials().secretKey())
        .isEqualTo("from-the-environment");
    assertThat(settings.admission().maxTextChars()).isEqualTo(7);
    assertThat(settings.publishers().limitsOf("token-service"))
        .isEqualTo(new PublisherLimits(9, 600));
    assertThat(settings.publishers().limitsOf("team-a@b.example/x"))
        .isEqualTo(new PublisherLimits(6, 0));
    assertThat(List.of("team-b", "team-c"))
        .allSatisfy(
            publisher ->
                assertThat(settings.publishers().limitsOf(publisher))
                    .isEqualTo(new PublisherLimits(12, 600)));
  }

  @Test
  void theEnvironmentAloneIsEnough() {
    // When
    WorkerSettings settings =
        WorkerSettings.parse(
            "",
            Map.of(
                "UTTER_WORKER_ROLES", "[status]",
                "XDG_STATE_HOME", "/home/utter/state",
                "UTTER_KAFKA_BOOTSTRAP_SERVERS", "broker:9092",
                "UTTER_KAFKA_PROPERTIES", "{security.protocol: SSL}",
                "UTTER_REGISTRY_URL", "https://registry:8081"));

    // Then
    assertThat(settings.worker().name()).isEqualTo(HostName.of(Map.of()).orElseThrow());
    assertThat(settings.worker().stopTimeout()).isLessThan(Duration.ofSeconds(30));
    assertThat(settings.kafka().stateFolder()).isEqualTo(Path.of("/home/utter/state/utter"));
    assertThat(settings.storage()).isEmpty();
    assertThat(settings.model()).isEmpty();
  }

  @Test
  void aPublishedModelIsNamedInsteadOfAFolder() {
    // When
    WorkerSettings settings =
        WorkerSettings.parse(
            FULL,
            with(
                Map.of(
                    "UTTER_MODEL_SOURCE", "sesame/csm-1b@v2",
                    "UTTER_MODEL_DOWNLOAD", "true",
                    "UTTER_WATERMARK_SOURCE", "sony/silentcipher")));

    // Then
    assertThat(settings.model().orElseThrow().source())
        .isEqualTo(ModelSource.parse("sesame/csm-1b@v2"));
    assertThat(settings.model().orElseThrow().download()).isTrue();
    assertThat(settings.describe()).contains("source: sesame/csm-1b@v2", "sony/silentcipher");
  }

  @Test
  void aPublishedModelHoldsNoWatermark() {
    assertThatThrownBy(
            () -> WorkerSettings.parse(FULL, with(Map.of("UTTER_MODEL_SOURCE", "sesame/csm-1b"))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("watermark.source is missing");
  }

  @Test
  void aPasswordInAUrlIsNotRepeated() {
    // Given
    String proxy = "{security.protocol: SSL, oauth.url: 'https://me:url-hush@login.example/x'}";

    // Then
    assertThatThrownBy(
            () ->
                WorkerSettings.parse(
                    FULL, with(Map.of("UTTER_STORAGE_ENDPOINT", "https://me:url-hush@ a"))))
        .isInstanceOf(SettingsException.class)
        .hasMessage("storage.endpoint is no URL");
    assertThat(WorkerSettings.parse(FULL, with(Map.of("UTTER_KAFKA_PROPERTIES", proxy))).describe())
        .contains("https://***@login.example/x")
        .doesNotContain("url-hush");
  }

  @Test
  void thePlatformGivesTheStoresKeysIfSoConfigured() {
    // Given
    String file =
        FULL.replace("accessKey: utter", "credentials: platform")
            .replace("  secretKey: env:S3_SECRET\n", "");

    // When
    WorkerSettings settings = WorkerSettings.parse(file, with(Map.of()));

    // Then
    assertThat(settings.storage().orElseThrow().credentials())
        .isEqualTo(StorageCredentials.FROM_PLATFORM);
    assertThatThrownBy(
            () -> WorkerSettings.parse(file, with(Map.of("UTTER_STORAGE_ACCESS_KEY", "utter"))))
        .hasMessageContaining("storage.accessKey is set");
  }

  @Test
  void stateIsNotKeptInATemporaryFolderByDefault() {
    // When
    Path folder = KafkaSettings.defaults("broker:9092").stateFolder().toAbsolutePath();

    // Then
    assertThat(folder.startsWith(Path.of(System.getProperty("java.io.tmpdir")))).isFalse();
  }

  @Test
  void theDescriptionShowsEverythingButSecrets() {
    // When
    String description = WorkerSettings.parse(FULL, SECRETS).describe();

    // Then
    assertThat(description)
        .contains("bootstrapServers: broker-1:9092")
        .contains("basic.auth.credentials.source: USER_INFO")
        .contains("basic.auth.user.info: '***'")
        .contains("secretKey: '***'")
        .contains("production-1")
        .contains("requestsPerMinute: 30")
        .doesNotContain("hush")
        .doesNotContain("0102030405")
        .doesNotContain("0a0b0c0d0e")
        .doesNotContain("1, 2, 3, 4, 5");
  }

  @Test
  void noSettingsRecordPrintsASecret() {
    // When
    WorkerSettings settings = WorkerSettings.parse(FULL, SECRETS);

    // Then
    assertThat(
            List.of(
                settings.toString(),
                settings.kafka().toString(),
                settings.registry().toString(),
                settings.intake().toString(),
                settings.output().toString(),
                settings.storage().toString(),
                settings.watermark().toString()))
        .noneMatch(text -> text.contains("hush") || text.contains("0102030405"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secretKey: env:S3_SECRET | secretKey: s3-hush | storage.secretKey holds a secret",
        "key: env:KEY | key: 0102030405 | watermark.keys[0].key holds a secret",
        "key: env:OLD_KEY | kee: env:OLD_KEY | watermark.keys[1].key is missing",
        "- id: production-1 | - of: production-1 | watermark.keys[1].id is missing",
        "id: production-1 | id: production-2 | two watermark keys have the id production-2",
        "key: env:OLD_KEY | key: env:KEY | production-2 and production-1 are the same",
        "id: production-1 | id: production 1 | watermark key id is 'production 1'",
        "basic.auth.user.info: env:KAFKA_PASSWORD | basic.auth.user.info: me:s3-hush |"
            + " registry.properties.basic.auth.user.info holds a secret",
        "secretKey: env:S3_SECRET | secretKey: env:NOT_SET | NOT_SET, which is not set",
        "secretKey: env:S3_SECRET | secretKey: file:/no/such/file | /no/such/file",
        "https://registry:8081 | https://me:s3-hush@registry:8081 | registry.url holds a user",
        "maxTextChars: 500 | maxTextCharacters: 500 | unknown setting admission.maxTextCharacters;"
            + " the nearest is admission.maxTextChars",
        "storage: | storages: | unknown setting storages; the nearest is storage",
        "window: 64 | window: 0 | intake.window is 0, must be 1 or more",
        "suspectWait: 5s | prefetch: 0 | synthesis.prefetch is 0, must be 1 or more",
        "suspectWait: 5s | finishingThreads: 0 | synthesis.finishingThreads is 0, must be 1 or more",
        "partitions: 12 | replication: -1 | kafka.createTopics.replication is -1, must be 1 to 32767",
        "maxTextChars: 500 | maxTextChars: auto | admission.maxTextChars is \"auto\", must be a whole",
        "stopTimeout: 1m | stopTimeOut: 1m | unknown setting worker.stopTimeOut",
        "stateFolder: /var/lib/utter | stateFolder: \"a\\0b\" | kafka.stateFolder is",
        "maxTextChars: 500 | maxTextChars: many | admission.maxTextChars is \"many\"",
        "maxTextChars: 500 | maxTextChars: 0 | admission.maxTextChars is 0",
        "retention: 2d | retention: 2 fortnights | admission.retention is \"2 fortnights\"",
        "port: 9090 | port: 99999 | http.port is 99999",
        "name: worker-1 | name: worker 1 | worker.name is \"worker 1\"",
        "name: worker-1 | name: '..' | worker.name is \"..\"",
        "attemptLimit: 5 | attemptLimit: 0 | intake.attemptLimit is 0, must be 1 to 20",
        "bucket: utter-clips | bucket: ../clips | output.bucket is \"../clips\"",
        "[env:CLIP_KEY] | [clip-hush-clip-hush-clip-hush-clip] | output.clipKeys holds a secret",
        "[env:CLIP_KEY] | [env:KEY] | output.clipKeys: secret 1 has 10 characters, must have 32",
        "[env:CLIP_KEY] | [] | output.clipKeys is missing",
        "security.protocol: SASL_SSL | acks: 1 | kafka.properties sets [acks]",
        "partitions: 12 | partitions: 0 | kafka.createTopics.partitions is 0",
        "bootstrapServers: broker-1:9092 | bootstrapServers: '' | kafka.bootstrapServers is missing",
        "threads: 4 | threads: 0 | model.threads is 0, must be at least 1",
        "precision: bfloat16 | precision: float8 | model.precision is \"float8\", must be one of",
        "prefillChunk: 96 | prefillChunk: 0 | model.prefillChunk is 0, must be at least 1",
        "repeatedFrames: 12 | repeatedFrames: 1 | model.endings.repeatedFrames is 1",
        "longest: 3s | longest: 1ms | model.endings.silence.remainder is PT0.5S",
        "longest: 3s | longer: 3s | unknown setting model.endings.silence.longer",
        "[voices/public/, | [voices, | access.contexts holds \"voices\": must be bucket/prefix,"
            + " or voices/ for the whole bucket",
        "[voices/public/, | [voices/../a, | access.contexts holds \"voices/../a\"",
        "[voices/public/, | [voices//, | access.contexts holds \"voices//\"",
        "[utter-clips/clips, | [Utter/clips, | access.outputs holds \"Utter/clips\"",
        "[utter-clips/clips, | [utter-clips/clips-2, | access.outputs is"
            + " [utter-clips/clips-2, team-a/], must be such that output.prefix in output.bucket is"
            + " allowed, utter-clips/clips",
        "[archive/2025 | [archive | access.verifications holds \"archive\": must be bucket/prefix",
        "{requestsPerMinute: 30} | {requestsPerMinute: -1} | publishers.overrides[token-service].requestsPerMinute"
            + " is -1, must be 0 or more",
        "{requestsPerMinute: 30} | {requestsAMinute: 30} | unknown setting"
            + " publishers.overrides[token-service].requestsAMinute",
        "{requestsPerMinute: 30} | 30 | publishers.overrides[token-service] must be a section",
        "token-service: | token service: | publishers.overrides has the publisher \"token service\"",
        "contexts: [ | contextBuckets: [ | unknown setting access.contextBuckets",
      })
  void aWrongSettingIsRefusedByName(String right, String wrong, String message) {
    // Given
    String yaml = FULL.replace(right, wrong);
    assertThat(yaml).isNotEqualTo(FULL);

    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(yaml, SECRETS))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("s3-hush")
        .hasMessageNotContaining("0102030405");
  }

  @Test
  void aRoleWithoutItsSectionIsRefused() {
    // Given
    String yaml = FULL.replaceAll("storage:\n(  .*\n)+", "");

    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(yaml, SECRETS))
        .isInstanceOf(SettingsException.class)
        .hasMessage("the section storage is missing; the worker's roles need it");
  }

  @Test
  void aNameWithItsSectionBesideTheSectionsIsRefused() {
    // Given
    String yaml = FULL + "admission.retention: 1d\n";

    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(yaml, SECRETS))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("unknown setting admission.retention");
  }

  @Test
  void thePublicKeyIsRefusedOutsideDevelopment() {
    // Given
    Map<String, String> environment = with(Map.of("KEY", "212,211,146,56,201"));

    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(FULL, environment))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("public demo key");
    String development = FULL.replace("stopTimeout: 1m", "development: true");
    assertThat(WorkerSettings.parse(development, environment).watermark().orElseThrow())
        .matches(WatermarkingSettings::hasPublicKey);
  }

  @Test
  void onlyDevelopmentNeedsNoKey() {
    // Given
    String yaml = FULL.replaceAll("  keys:\n(    .*\n)+", "  threshold: 0.7\n");

    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(yaml, SECRETS))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("watermark.keys is missing");
    assertThat(
            WorkerSettings.parse(yaml.replace("stopTimeout: 1m", "development: true"), SECRETS)
                .watermark()
                .orElseThrow()
                .hasPublicKey())
        .isTrue();
  }

  @Test
  void theEnvironmentGivesAWholeRingOfKeys(@TempDir Path folder) throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("key"), "12e3456789\n");
    Map<String, String> environment =
        with(
            Map.of(
                "UTTER_WATERMARK_KEYS",
                "k3=1234567890 k2=file:" + file + "\n k1=env:OLD_KEY k0=1,2,3,4,6"));

    // Then
    assertThat(WorkerSettings.parse(FULL, environment).watermark().orElseThrow().keys())
        .isEqualTo(
            new KeyRing(
                List.of(
                    WatermarkKey.parse("k3", "1234567890"),
                    WatermarkKey.parse("k2", "12e3456789"),
                    WatermarkKey.parse("k1", "0a0b0c0d0e"),
                    WatermarkKey.parse("k0", "0102030406"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0908070605", "=0908070605", "k1=", "k1=0908070605, k2"})
  void aRingThatCannotBeReadIsRefusedWithoutItsSecrets(String text) {
    assertThatThrownBy(() -> WorkerSettings.parse(FULL, with(Map.of("UTTER_WATERMARK_KEYS", text))))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("UTTER_WATERMARK_KEYS must be NAME=SECRET")
        .hasMessageNotContaining("0908070605");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSecretOfClipsIsReplacedInItsFileWithoutARestart(
      boolean fromEnvironment, @TempDir Path folder) throws IOException {
    // Given
    ObjectLocation clip = ObjectLocation.newest("utter-clips", "clips/a.wav");
    Path file = Files.writeString(folder.resolve("clip-key"), CLIP_KEY + "\n");
    String reference = "file:" + file;
    ClipProof proof =
        proof(
            fromEnvironment
                ? WorkerSettings.parse(FULL, with(Map.of("UTTER_OUTPUT_CLIP_KEYS", reference)))
                : WorkerSettings.parse(FULL.replace("env:CLIP_KEY", reference), SECRETS));

    // When
    Files.writeString(file, "z".repeat(32));

    // Then
    assertThat(new ClipProof(List.of("z".repeat(32))).isProved(clip, proof.prove(clip, Map.of())))
        .isTrue();
  }

  @Test
  void secretsOfClipsComeFromTheEnvironmentTooAndTheFirstOneProves() {
    // Given
    String other = "z".repeat(32);
    ObjectLocation clip = ObjectLocation.newest("utter-clips", "clips/a.wav");
    Map<String, String> environment =
        with(Map.of("UTTER_OUTPUT_CLIP_KEYS", other + ", " + CLIP_KEY));

    // When
    ClipProof proof = proof(WorkerSettings.parse(FULL, environment));

    // Then
    ClipProof before = proof(WorkerSettings.parse(FULL, SECRETS));
    assertThat(proof.isProved(clip, before.prove(clip, Map.of()))).isTrue();
    assertThat(before.isProved(clip, proof.prove(clip, Map.of()))).isFalse();
    assertThat(new ClipProof(List.of(other)).isProved(clip, proof.prove(clip, Map.of()))).isTrue();
  }

  @Test
  void onlyDevelopmentNeedsNoSecretOfClips() {
    // Given
    String without = FULL.replace("  clipKeys: [env:CLIP_KEY]\n", "");
    Map<String, String> open = with(Map.of("CLIP_KEY", ClipProof.PUBLIC_SECRET));

    // Then
    assertThat(
            proof(
                    WorkerSettings.parse(
                        without.replace("stopTimeout: 1m", "development: true"), SECRETS))
                .hasPublicSecret())
        .isTrue();
    assertThatThrownBy(() -> WorkerSettings.parse(without, SECRETS))
        .hasMessageContaining("output.clipKeys is missing");
    assertThatThrownBy(() -> WorkerSettings.parse(FULL, open))
        .hasMessageContaining("output.clipKeys holds the public secret");
    String admission = without.replace("admission, synthesis, verification, status", "admission");
    assertThat(WorkerSettings.parse(admission, SECRETS).output().orElseThrow().clipProof())
        .isEmpty();
  }

  private static ClipProof proof(WorkerSettings settings) {
    return settings.output().orElseThrow().clipProof().orElseThrow();
  }

  @Test
  void aSecretComesFromAFileWithoutItsLineEnd(@TempDir Path folder) throws IOException {
    // Given
    Path secret = Files.writeString(folder.resolve("secret"), "from-a-file\n");
    String yaml = FULL.replace("env:S3_SECRET", "file:" + secret);

    // When
    StorageCredentials credentials =
        WorkerSettings.parse(yaml, SECRETS).storage().orElseThrow().credentials();

    // Then
    assertThat(credentials.secretKey()).isEqualTo("from-a-file");
    assertThat(credentials.files())
        .isEqualTo(new CredentialFiles(Optional.empty(), Optional.of(secret), Optional.empty()));
  }

  @Test
  void aSettingWrittenTwiceIsRefused() {
    // Then
    assertThatThrownBy(() -> WorkerSettings.parse(FULL + "http:\n  port: 1\n", SECRETS))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("no YAML");
  }

  private static Map<String, String> with(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(SECRETS);
    environment.putAll(more);
    return environment;
  }
}
