package dev.utter.worker.settings;

import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.admission.AdmissionSettings;
import dev.utter.worker.avro.RegistrySettings;
import dev.utter.worker.cloudevents.CloudEventsSettings;
import dev.utter.worker.decoding.DecodingSettings;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.publisher.PublisherLimits;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.signing.SigningSettings;
import dev.utter.worker.status.StatusSettings;
import dev.utter.worker.storage.OutputSettings;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.synthesis.SynthesisSettings;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import dev.utter.worker.telemetry.HttpSettings;
import dev.utter.worker.telemetry.log.LogSettings;
import dev.utter.worker.trace.TracingSettings;
import dev.utter.worker.verification.VerificationSettings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the settings records in the order of their dependencies. */
final class SettingsReader {
  /** All settings, in the order of their page. */
  static final List<SettingGroup> GROUPS =
      Stream.of(
              List.of(
                  ProcessSettings.GROUP,
                  KafkaSettings.GROUP,
                  TopicCreation.GROUP,
                  RegistrySettings.GROUP,
                  ClearTextSettings.GROUP,
                  StorageSettings.GROUP,
                  OutputSettings.GROUP,
                  AccessSettings.GROUP,
                  ModelSettings.GROUP),
              ModelEndings.GROUPS,
              List.of(
                  WatermarkingSettings.GROUP,
                  SigningSettings.GROUP,
                  PublisherSettings.GROUP,
                  PublisherLimits.GROUP,
                  AdmissionSettings.GROUP,
                  IntakeSettings.GROUP,
                  SynthesisSettings.GROUP,
                  LaneShares.GROUP,
                  SynthesisSettings.Retries.RETRIES_GROUP,
                  Suspects.GROUP,
                  CancellationMemory.GROUP,
                  DecodingSettings.GROUP,
                  VerificationSettings.GROUP,
                  StatusSettings.GROUP,
                  CloudEventsSettings.GROUP,
                  LogSettings.GROUP,
                  HttpSettings.GROUP))
          .flatMap(List::stream)
          .toList();

  private SettingsReader() {}

  /** The settings of all groups. */
  static List<Setting<?>> all() {
    return GROUPS.stream().<Setting<?>>flatMap(group -> group.settings().stream()).toList();
  }

  static WorkerSettings read(SettingsSource source) {
    source.refuseUnknownInFile(all());
    ProcessSettings process = ProcessSettings.read(source);
    boolean makesClips = process.has(Role.SYNTHESIS);
    boolean handlesClips = makesClips || process.has(Role.VERIFICATION);
    Optional<OutputSettings> output =
        source.hasSectionOf(OutputSettings.BUCKET)
            ? Optional.of(OutputSettings.read(source, makesClips, process.development()))
            : Optional.empty();
    Optional<AccessSettings> access =
        output.map(
            clips -> AccessSettings.read(source, new ObjectPrefix(clips.bucket(), clips.prefix())));
    Optional<ModelSettings> model =
        source.hasSectionOf(ModelSettings.SOURCE)
            ? Optional.of(ModelSettings.read(source))
            : Optional.empty();
    KafkaSettings kafka = KafkaSettings.read(source);
    AdmissionSettings admission = AdmissionSettings.read(source);
    PublisherSettings publishers = PublisherSettings.read(source);
    WorkerSettings settings =
        new WorkerSettings(
            process,
            kafka,
            RegistrySettings.read(source),
            ClearTextSettings.read(source),
            output,
            source.hasSectionOf(StorageSettings.ENDPOINT)
                ? Optional.of(StorageSettings.read(source))
                : Optional.empty(),
            model,
            handlesClips
                ? Optional.of(WatermarkingSettings.read(source, model, process.development()))
                : Optional.empty(),
            access,
            SigningSettings.read(source, makesClips),
            admission,
            publishers,
            IntakeSettings.read(source, clients(process, kafka), process.stopTimeout()),
            access.map(
                rules ->
                    SynthesisSettings.read(
                        source, process.name(), rules, publishers.header(), admission.retention())),
            VerificationSettings.read(source),
            DecodingSettings.read(source),
            StatusSettings.read(source),
            CloudEventsSettings.read(source),
            LogSettings.read(source),
            HttpSettings.read(source),
            TracingSettings.read(source.environment()));
    source.refuseUnknownVariables(all());
    return settings;
  }

  private static IntakeSettings.Clients clients(ProcessSettings process, KafkaSettings kafka) {
    String group = kafka.groupPrefix() + "-synthesis";
    return new IntakeSettings.Clients(
        group, group + "-" + process.name(), kafka.client(), kafka.consumer(), kafka.producer());
  }
}
