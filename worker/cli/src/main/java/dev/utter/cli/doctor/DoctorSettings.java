package dev.utter.cli.doctor;

import dev.utter.cli.command.ModelOptions;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.model.ModelSource;
import dev.utter.worker.settings.CommandSettings;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.settings.source.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The settings to check.
 *
 * @param settings those of a worker, or the defaults with made-up services
 * @param configured whether they are those of a worker
 * @param answer whether the worker's could be read
 */
record DoctorSettings(WorkerSettings settings, boolean configured, Answer answer) {
  private static final String MODEL = "UTTER_MODEL_SOURCE";
  private static final String WATERMARK = "UTTER_WATERMARK_SOURCE";

  /** Their roles need services, which nothing asks. */
  private static final Map<String, String> NO_SERVICES =
      Map.of(
          "UTTER_WORKER_NAME", "doctor",
          "UTTER_WORKER_DEVELOPMENT", "true",
          "UTTER_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092",
          "UTTER_REGISTRY_URL", "http://localhost:8081",
          "UTTER_STORAGE_ENDPOINT", "http://localhost:9000",
          "UTTER_STORAGE_ACCESS_KEY", "no-service",
          "UTTER_STORAGE_SECRET_KEY", "no-service",
          "UTTER_OUTPUT_BUCKET", "no-service");

  /**
   * Reads them.
   *
   * @param config the worker's file, if there is one
   * @param named settings that options of the command give, by variable
   */
  static DoctorSettings read(Optional<Path> config, Map<String, String> named) {
    if (config.isEmpty()) {
      return new DoctorSettings(
          defaults(named), false, Answer.notChecked("no --config: the defaults, without services"));
    }
    try {
      Map<String, String> environment = new HashMap<>(System.getenv());
      environment.putAll(named);
      return new DoctorSettings(
          WorkerSettings.load(config.get(), environment), true, Answer.ok(config.get().toString()));
    } catch (SettingsException e) {
      return new DoctorSettings(
          defaults(named),
          false,
          Answer.notOk(
              String.valueOf(e.getMessage()),
              "correct the file or the variable, see docs/configuration.md"));
    }
  }

  private static WorkerSettings defaults(Map<String, String> named) {
    Map<String, String> environment = new HashMap<>(NO_SERVICES);
    environment.put(MODEL, ModelOptions.development().toString());
    environment.putAll(named);
    environment.computeIfAbsent(
        WATERMARK, name -> watermark(ModelSource.parse(environment.get(MODEL))).toString());
    return WorkerSettings.parse("", environment);
  }

  /** As the other commands choose it. */
  private static Path watermark(ModelSource model) {
    Path development = ModelOptions.development().resolve("watermark");
    try {
      Path beside =
          CommandSettings.modelFolders(System.getenv()).locate(model).resolve("watermark");
      return Files.isDirectory(beside) ? beside : development;
    } catch (CheckpointException e) {
      return development;
    }
  }
}
