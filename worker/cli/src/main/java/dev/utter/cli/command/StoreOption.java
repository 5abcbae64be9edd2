package dev.utter.cli.command;

import dev.utter.worker.settings.CommandSettings;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.storage.StorageSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option for the settings of the object store, and nothing else of a worker's. */
public final class StoreOption {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "A worker's settings, of which the section storage is read; the environment overrides"
              + " each (default: the environment alone, UTTER_STORAGE_ENDPOINT,"
              + " UTTER_STORAGE_ACCESS_KEY, UTTER_STORAGE_SECRET_KEY and so on).")
  private Path config;

  /**
   * The settings.
   *
   * @throws ParameterException if they are wrong
   */
  public StorageSettings load() {
    try {
      return CommandSettings.storage(Optional.ofNullable(config), System.getenv());
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
