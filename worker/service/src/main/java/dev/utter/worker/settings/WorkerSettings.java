package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.hub.HubSettings;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.admission.AdmissionSettings;
import dev.utter.worker.avro.RegistrySettings;
import dev.utter.worker.cloudevents.CloudEventsSettings;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.models.ModelCache;
import dev.utter.worker.models.ModelFolders;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsFile;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.signing.SigningSettings;
import dev.utter.worker.status.StatusSettings;
import dev.utter.worker.storage.OutputSettings;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.synthesis.SynthesisSettings;
import dev.utter.worker.telemetry.HttpSettings;
import dev.utter.worker.telemetry.log.LogSettings;
import dev.utter.worker.trace.TracingSettings;
import dev.utter.worker.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * All settings of a worker process.
 *
 * <p>They come from one YAML file with a section per component. Each can be overridden by the
 * environment: {@code kafka.bootstrapServers} by {@code UTTER_KAFKA_BOOTSTRAP_SERVERS}; lists as
 * {@code a, b}, maps as {@code {name: value}}, laid over those of the file. Secrets stand in the
 * file as {@code env:NAME} or {@code file:/path}; a secret written out is refused.
 *
 * @param worker the process as a whole
 * @param kafka Kafka clients
 * @param registry schema registry client
 * @param allowClearText connections that may do without TLS
 * @param output where clips go; there if admission, synthesis or verification runs here
 * @param storage object store; there if synthesis or verification runs here
 * @param model the model; there if synthesis runs here
 * @param watermark the watermark; there if synthesis or verification runs here
 * @param access objects that requests may name; as {@code output}
 * @param signing signatures of clips
 * @param admission admission
 * @param publishers how publishers are identified, and their limits
 * @param intake intake of synthesis
 * @param synthesis synthesis; there if {@code output} is
 * @param verification verification
 * @param decoding decoding of context audio and clips
 * @param status status
 * @param cloudEvents headers of outcomes
 * @param log levels of the log
 * @param http health and metrics
 * @param tracing traces, by the variables of OpenTelemetry
 */
public record WorkerSettings(
    ProcessSettings worker,
    KafkaSettings kafka,
    RegistrySettings registry,
    ClearTextSettings allowClearText,
    Optional<OutputSettings> output,
    Optional<StorageSettings> storage,
    Optional<ModelSettings> model,
    Optional<WatermarkingSettings> watermark,
    Optional<AccessSettings> access,
    SigningSettings signing,
    AdmissionSettings admission,
    PublisherSettings publishers,
    IntakeSettings intake,
    Optional<SynthesisSettings> synthesis,
    VerificationSettings verification,
    DecodingSettings decoding,
    StatusSettings status,
    CloudEventsSettings cloudEvents,
    LogSettings log,
    HttpSettings http,
    TracingSettings tracing) {

  /**
   * Checks that each role has what it needs, and that nothing goes in clear text, and no public key
   * marks clips, by accident.
   */
  public WorkerSettings {
    requireNonNull(worker, "worker is null");
    requireNonNull(kafka, "kafka is null");
    requireNonNull(registry, "registry is null");
    requireNonNull(allowClearText, "allowClearText is null");
    requireNonNull(signing, "signing is null");
    requireNonNull(admission, "admission is null");
    requireNonNull(publishers, "publishers is null");
    requireNonNull(intake, "intake is null");
    requireNonNull(verification, "verification is null");
    requireNonNull(decoding, "decoding is null");
    requireNonNull(status, "status is null");
    requireNonNull(cloudEvents, "cloudEvents is null");
    requireNonNull(log, "log is null");
    requireNonNull(http, "http is null");
    requireNonNull(tracing, "tracing is null");
    boolean handlesClips = worker.has(Role.SYNTHESIS) || worker.has(Role.VERIFICATION);
    require(output, "output", handlesClips || worker.has(Role.ADMISSION));
    require(access, "output", output.isPresent());
    require(storage, "storage", handlesClips);
    require(watermark, "watermark", handlesClips);
    require(model, "model", worker.has(Role.SYNTHESIS));
    require(synthesis, "output", worker.has(Role.SYNTHESIS));
    allowClearText.check(kafka);
    allowClearText.check(registry);
    storage.ifPresent(store -> allowClearText.check(store.endpoint()));
    if (!worker.development() && watermark.isPresent() && watermark.get().hasPublicKey()) {
      throw new SettingsException(
          "watermark.keys holds the public demo key, which proves nothing: only worker.development:"
              + " true may use it");
    }
  }

  /**
   * Reads a file.
   *
   * @param environment variables that override it and hold its secrets
   * @throws SettingsException naming the setting, its value and the rule
   */
  public static WorkerSettings load(Path file, Map<String, String> environment) {
    try {
      return parse(Files.readString(file), environment);
    } catch (IOException e) {
      throw new SettingsException("the settings file " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Reads YAML text, see {@link #load}.
   *
   * @throws SettingsException naming the setting, its value and the rule
   */
  public static WorkerSettings parse(String yaml, Map<String, String> environment) {
    try {
      return SettingsReader.read(
          new SettingsSource(SettingsFile.parse(yaml), new SettingsEnvironment(environment)));
    } catch (SettingsException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new SettingsException(FailureText.of(e), e);
    }
  }

  /** The buckets that these settings name, for the roles that run here. */
  public OwnBuckets ownBuckets() {
    return new OwnBuckets(
        buckets(Role.SYNTHESIS, AccessSettings::outputBuckets),
        buckets(Role.VERIFICATION, AccessSettings::verifiedBuckets));
  }

  /** Where the models are that these settings name, on this machine. */
  public ModelFolders modelFolders() {
    return new ModelFolders(
        HubSettings::ofProcess,
        new ModelCache(
            storage
                .map(StorageSettings::modelCache)
                .orElseGet(() -> StorageSettings.modelCache(SettingsSource.empty()))));
  }

  private Set<String> buckets(Role role, Function<AccessSettings, List<String>> named) {
    return worker.has(role) ? access.map(named).map(Set::copyOf).orElse(Set.of()) : Set.of();
  }

  /** The effective settings as YAML, with every secret masked. */
  public String describe() {
    return Description.of(this);
  }

  /** Names the worker; {@link #describe} shows more. */
  @Override
  public String toString() {
    return "WorkerSettings[" + worker.name() + "]";
  }

  private static void require(Optional<?> section, String name, boolean needed) {
    requireNonNull(section, name + " is null");
    if (needed && section.isEmpty()) {
      throw new SettingsException(
          "the section " + name + " is missing; the worker's roles need it");
    }
  }
}
