package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.admission.AdmissionSettings;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.publisher.PublisherLimits;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.signing.SigningSettings;
import dev.utter.worker.status.StatusSettings;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.secret.CredentialFiles;
import dev.utter.worker.storage.secret.StorageCredentials;
import dev.utter.worker.synthesis.SynthesisSettings;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import dev.utter.worker.telemetry.HttpSettings;
import dev.utter.worker.verification.VerificationSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads the sections in the order in which they need each other. */
final class SettingsReader {
  private SettingsReader() {}

  static WorkerSettings read(Section root, SettingsEnvironment environment) {
    ProcessSettings process =
        ProcessSettings.read(root.section("worker"), () -> HostName.of(environment));
    Optional<OutputSettings> output =
        root.has("output", "bucket")
            ? Optional.of(OutputSettings.read(root.section("output"), process))
            : Optional.empty();
    Optional<AccessSettings> access =
        output.map(clips -> access(root.section("access"), clips.place()));
    Optional<ModelSettings> model =
        root.has("model", "source")
            ? Optional.of(checked(root, "model", ModelSettings::read))
            : Optional.empty();
    boolean handlesClips = process.has(Role.SYNTHESIS) || process.has(Role.VERIFICATION);
    KafkaSettings kafka = KafkaSettings.read(root.section("kafka"), environment);
    AdmissionSettings admission = admission(root.section("admission"));
    PublisherSettings publishers = publishers(root.section("publishers"));
    IntakeSettings intake = checked(root, "intake", section -> intake(section, process, kafka));
    WorkerSettings settings =
        new WorkerSettings(
            process,
            kafka,
            RegistrySettings.read(root.section("registry")),
            ClearTextSettings.read(root.section("allowClearText")),
            output,
            root.has("storage", "endpoint")
                ? Optional.of(checked(root, "storage", SettingsReader::storage))
                : Optional.empty(),
            model,
            handlesClips
                ? Optional.of(
                    checked(
                        root,
                        "watermark",
                        section ->
                            WatermarkingSettings.read(section, model, process.development())))
                : Optional.empty(),
            access,
            signing(root.section("signing"), process),
            admission,
            publishers,
            intake,
            synthesis(
                root.section("synthesis"),
                process,
                access,
                admission.retention(),
                publishers.header()),
            verification(root.section("verification")),
            decoding(root.section("decoding")),
            status(root.section("status")),
            HttpSettings.read(root.section("http")));
    for (String name : List.of("output", "access", "model", "storage", "watermark")) {
      root.section(name);
    }
    root.refuseUnknown();
    skipAbsent(settings, environment);
    environment.refuseUnknown();
    return settings;
  }

  private static void skipAbsent(WorkerSettings settings, SettingsEnvironment environment) {
    Map<String, Optional<?>> sections =
        Map.of(
            "output", settings.output(),
            "access", settings.access(),
            "model", settings.model(),
            "storage", settings.storage(),
            "watermark", settings.watermark(),
            "synthesis", settings.synthesis());
    sections.forEach(
        (name, section) -> {
          if (section.isEmpty()) {
            environment.skip(name);
          }
        });
  }

  private static <T> T checked(Section root, String name, Function<Section, T> reader) {
    Section section = root.section(name);
    return section.checked(() -> reader.apply(section));
  }

  private static StorageSettings storage(Section section) {
    StorageSettings settings =
        new StorageSettings(
            endpoint(section.requiredText("endpoint")),
            section.text("region").orElse(StorageSettings.DEFAULT_REGION),
            credentials(section),
            section.duration("connectTimeout").orElse(StorageSettings.DEFAULT_CONNECT_TIMEOUT),
            section.duration("readTimeout").orElse(StorageSettings.DEFAULT_READ_TIMEOUT),
            section.duration("writeTimeout").orElse(StorageSettings.DEFAULT_WRITE_TIMEOUT),
            section.duration("callTimeout").orElse(StorageSettings.DEFAULT_CALL_TIMEOUT),
            section.longInteger("maxObjectBytes").orElse(StorageSettings.DEFAULT_MAX_OBJECT_BYTES),
            section.properties("headers"),
            section.text("trustedCertificates").map(Path::of));
    section.refuseUnknown();
    return settings;
  }

  private static URI endpoint(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      // The cause would repeat the text, which may hold a password.
      throw new SettingsException("storage.endpoint is no URL");
    }
  }

  private static StorageCredentials credentials(Section section) {
    CredentialSource source =
        section.choice("credentials", CredentialSource.class).orElse(CredentialSource.KEYS);
    if (source == CredentialSource.PLATFORM) {
      for (String name : List.of("accessKey", "secretKey", "sessionToken")) {
        if (section.text(name).isPresent()) {
          throw new SettingsException(
              "storage."
                  + name
                  + " is set, must not be with storage.credentials PLATFORM: the platform gives"
                  + " the keys");
        }
      }
      return StorageCredentials.FROM_PLATFORM;
    }
    return new StorageCredentials(
        reference(section, "accessKey"),
        section
            .secret("secretKey")
            .orElseThrow(() -> new SettingsException("storage.secretKey is missing")),
        section.secret("sessionToken"),
        new CredentialFiles(
            section.secretFile("accessKey"),
            section.secretFile("secretKey"),
            section.secretFile("sessionToken")));
  }

  /** An access key is no secret, but usually stands beside one. */
  private static String reference(Section section, String name) {
    String text = section.requiredText(name);
    return text.startsWith("env:") || text.startsWith("file:")
        ? section.secret(name).orElseThrow()
        : text;
  }

  private static AccessSettings access(Section section, ObjectPrefix output) {
    AccessSettings defaults = AccessSettings.defaults(output);
    AccessSettings settings =
        new AccessSettings(
            output,
            prefixes(section, "contexts").orElse(defaults.contexts()),
            prefixes(section, "outputs").orElse(defaults.outputs()),
            prefixes(section, "verifications").orElse(defaults.verifications()));
    section.refuseUnknown();
    return settings;
  }

  private static Optional<List<ObjectPrefix>> prefixes(Section section, String name) {
    return section
        .texts(name)
        .map(texts -> texts.stream().map(text -> prefix(section.path(name), text)).toList());
  }

  private static ObjectPrefix prefix(String setting, String text) {
    try {
      return ObjectPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(setting + " holds " + e.getMessage(), e);
    }
  }

  private static AdmissionSettings admission(Section section) {
    AdmissionSettings settings =
        new AdmissionSettings(
            section.integer("maxTextChars").orElse(AdmissionSettings.DEFAULT_MAX_TEXT_CHARS),
            section.integer("maxTopK").orElse(AdmissionSettings.DEFAULT_MAX_TOP_K),
            section.duration("retention").orElse(AdmissionSettings.DEFAULT_RETENTION),
            section.duration("expiryInterval").orElse(AdmissionSettings.DEFAULT_EXPIRY_INTERVAL));
    section.refuseUnknown();
    return settings;
  }

  private static PublisherSettings publishers(Section section) {
    PublisherSettings defaults = PublisherSettings.DEFAULT;
    PublisherLimits general = limits(section, defaults.limits());
    Map<String, PublisherLimits> overrides = new HashMap<>();
    section
        .sections("overrides")
        .forEach(
            (publisher, own) -> {
              overrides.put(publisher, limits(own, general));
              own.refuseUnknown();
            });
    PublisherSettings settings =
        new PublisherSettings(section.text("header").orElse(defaults.header()), general, overrides);
    section.refuseUnknown();
    return settings;
  }

  private static PublisherLimits limits(Section section, PublisherLimits defaults) {
    return section.checked(
        () ->
            new PublisherLimits(
                section.integer("requestsPerMinute").orElse(defaults.requestsPerMinute()),
                section.integer("audioSecondsPerMinute").orElse(defaults.audioSecondsPerMinute())));
  }

  private static IntakeSettings intake(
      Section section, ProcessSettings process, KafkaSettings kafka) {
    String group = kafka.groupPrefix() + "-synthesis";
    IntakeSettings defaults = IntakeSettings.defaults(group + "-" + process.name(), kafka.client());
    IntakeSettings settings =
        new IntakeSettings(
            group,
            defaults.transactionalId(),
            Map.of(
                Topics.WORK_INTERACTIVE, window(section, "interactiveWindow", defaults),
                Topics.WORK_NORMAL, window(section, "normalWindow", defaults),
                Topics.WORK_BULK, window(section, "bulkWindow", defaults)),
            section.integer("pollRecords").orElse(defaults.pollRecords()),
            section.duration("gather").orElse(defaults.gather()),
            section.duration("pollTimeout").orElse(defaults.pollTimeout()),
            section.duration("brokerTimeout").orElse(defaults.brokerTimeout()),
            section.duration("transactionTimeout").orElse(defaults.transactionTimeout()),
            section.integer("attemptLimit").orElse(defaults.attemptLimit()),
            section.duration("stopGrace").orElse(stopGrace(process, defaults)),
            section.choice("lostOffsets", LostOffsets.class).orElse(defaults.lostOffsets()),
            defaults.kafka(),
            kafka.consumer(),
            kafka.producer());
    section.refuseUnknown();
    return settings;
  }

  /** Two thirds of the whole stop at most, so that there is time left for all the rest. */
  private static Duration stopGrace(ProcessSettings process, IntakeSettings defaults) {
    Duration share = process.stopTimeout().multipliedBy(2).dividedBy(3);
    return share.compareTo(defaults.stopGrace()) < 0 ? share : defaults.stopGrace();
  }

  private static Optional<SynthesisSettings> synthesis(
      Section section,
      ProcessSettings process,
      Optional<AccessSettings> access,
      Duration idRetention,
      String publisherHeader) {
    return section.checked(
        () ->
            access.map(rules -> synthesis(section, process, rules, idRetention, publisherHeader)));
  }

  /** A cancellation is remembered as long as admission remembers the id it is about. */
  private static SynthesisSettings synthesis(
      Section section,
      ProcessSettings process,
      AccessSettings access,
      Duration idRetention,
      String publisherHeader) {
    SynthesisSettings defaults = SynthesisSettings.defaults(process.name(), access);
    SynthesisSettings settings =
        new SynthesisSettings(
            process.name(),
            access,
            section.integer("contextThreads").orElse(defaults.contextThreads()),
            section.integer("encodingThreads").orElse(defaults.encodingThreads()),
            section.integer("finishingThreads").orElse(defaults.finishingThreads()),
            section.integer("maxFinishing").orElse(defaults.maxFinishing()),
            section.integer("prefetch").orElse(defaults.prefetch()),
            section.longInteger("codesCacheBytes").orElse(defaults.codesCacheBytes()),
            section.longInteger("maxContextBytes").orElse(defaults.maxContextBytes()),
            section.longInteger("maxRequestContextBytes").orElse(defaults.maxRequestContextBytes()),
            new SynthesisSettings.Retries(
                section.duration("firstRetry").orElse(defaults.retries().first()),
                section.duration("maxRetry").orElse(defaults.retries().longest()),
                section.duration("patience").orElse(defaults.retries().patience())),
            new Suspects(
                section.duration("suspectWait").orElse(defaults.suspects().waits()),
                section.duration("suspectAlone").orElse(defaults.suspects().alone()),
                section.duration("suspectDrain").orElse(defaults.suspects().drain())),
            new LaneShares(
                section.integer("normalShare").orElse(defaults.shares().normalPercent()),
                section.integer("bulkShare").orElse(defaults.shares().bulkPercent())),
            publisherHeader,
            new CancellationMemory(
                section
                    .longInteger("cancellationBytes")
                    .orElse(defaults.cancellations().maxBytes()),
                section.duration("cancellationRetention").orElse(idRetention)),
            section.duration("hungAfter").orElse(defaults.hungAfter()));
    section.refuseUnknown();
    return settings;
  }

  private static int window(Section section, String name, IntakeSettings defaults) {
    return section.integer(name).orElse(requireNonNull(defaults.windows().get(Topics.WORK_NORMAL)));
  }

  private static VerificationSettings verification(Section section) {
    VerificationSettings settings =
        new VerificationSettings(
            section
                .longInteger("maxObjectBytes")
                .orElse(VerificationSettings.DEFAULT_MAX_OBJECT_BYTES),
            section.duration("patience").orElse(VerificationSettings.DEFAULT_PATIENCE),
            section
                .integer("requestsPerMinute")
                .orElse(VerificationSettings.DEFAULT_REQUESTS_PER_MINUTE));
    section.refuseUnknown();
    return settings;
  }

  /** Only a worker that makes clips needs to have the key. */
  private static SigningSettings signing(Section section, ProcessSettings process) {
    Optional<Path> file = section.text("privateKeyFile").map(Path::of);
    section.refuseUnknown();
    return process.has(Role.SYNTHESIS) ? new SigningSettings(file) : SigningSettings.NONE;
  }

  private static DecodingSettings decoding(Section section) {
    DecodingSettings settings =
        new DecodingSettings(
            section.longInteger("memoryBytes").orElse(DecodingSettings.defaults().memoryBytes()));
    section.refuseUnknown();
    return settings;
  }

  private static StatusSettings status(Section section) {
    StatusSettings settings =
        new StatusSettings(
            section.duration("retention").orElse(StatusSettings.DEFAULT.retention()),
            section.duration("expiryInterval").orElse(StatusSettings.DEFAULT.expiryInterval()));
    section.refuseUnknown();
    return settings;
  }
}
