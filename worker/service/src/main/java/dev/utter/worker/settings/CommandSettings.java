package dev.utter.worker.settings;

import dev.utter.speech.hub.HubSettings;
import dev.utter.worker.models.ModelCache;
import dev.utter.worker.models.ModelFolders;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsFile;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.storage.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The part of a worker's settings that a command needs; the rest may be missing. */
public final class CommandSettings {
  private CommandSettings() {}

  /**
   * The object store.
   *
   * @param file settings of a worker; without it the environment has all
   * @param environment variables that override the file and hold its secrets
   * @throws SettingsException naming the setting, its value and the rule
   */
  public static StorageSettings storage(Optional<Path> file, Map<String, String> environment) {
    SettingsSource source =
        new SettingsSource(
            SettingsFile.parse(file.map(CommandSettings::text).orElse("")),
            new SettingsEnvironment(environment));
    source.refuseUnknownInFile(SettingsReader.all());
    StorageSettings storage = StorageSettings.read(source);
    ClearTextSettings.read(source).check(storage.endpoint());
    return storage;
  }

  /**
   * Where the models are that a command names, on this machine.
   *
   * @param environment variables of the process
   */
  public static ModelFolders modelFolders(Map<String, String> environment) {
    SettingsSource source =
        new SettingsSource(SettingsFile.parse(""), new SettingsEnvironment(environment));
    return new ModelFolders(
        HubSettings::ofProcess, new ModelCache(StorageSettings.modelCache(source)));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new SettingsException("the settings file " + file + " cannot be read: " + e, e);
    }
  }
}
