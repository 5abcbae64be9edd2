package dev.utter.cli.command;

import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.settings.source.SettingsException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * The option for a worker's settings, from which operator commands take Kafka, registry and store.
 */
public final class SettingsOption {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "A worker's settings; the environment overrides each.")
  private Path config;

  /**
   * The settings.
   *
   * @throws ParameterException if they are wrong
   */
  public WorkerSettings load() {
    try {
      return WorkerSettings.load(config, System.getenv());
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
