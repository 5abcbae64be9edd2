package dev.utter.cli.command;

import dev.utter.speech.model.ModelSource;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.worker.settings.CommandSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for the model and the watermark networks. */
public final class ModelOptions {
  private static final String DEVELOPMENT_MODEL = "worker/speech/models/development";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Folder of a CSM checkpoint, the name of a published one that 'utter model fetch'"
              + " downloaded, for example sesame/csm-1b, or the address s3://bucket/prefix of one"
              + " that 'utter model pull' pulled (default: the development model, which makes sound,"
              + " not speech).")
  private String model;

  @Option(
      names = "--watermark",
      paramLabel = "MODEL",
      description =
          "Folder of the SilentCipher networks, sony/silentcipher, or s3://bucket/prefix (default:"
              + " 'watermark' in the model's folder, else the development model's).")
  private String watermark;

  /** The model that the options name. */
  public Optional<ModelSource> namedModel() {
    return Optional.ofNullable(model).map(ModelSource::parse);
  }

  /** The watermark networks that the options name. */
  public Optional<ModelSource> namedWatermark() {
    return Optional.ofNullable(watermark).map(ModelSource::parse);
  }

  /** Folder of the checkpoint. */
  public Path model() {
    return model == null ? development() : locate("--model", model);
  }

  /** Folder of the watermark networks. */
  public Path watermark() {
    if (watermark != null) {
      return locate("--watermark", watermark);
    }
    Path beside = model().resolve("watermark");
    return Files.isDirectory(beside) ? beside : development().resolve("watermark");
  }

  /** Loads the watermark networks; the caller closes them. */
  public Watermark loadWatermark(EngineSettings engine) {
    return Watermark.load(TorchEngine.start(engine), watermark(), WatermarkSettings.DEFAULT);
  }

  private Path locate(String option, String text) {
    return locate(spec, option + ": ", text);
  }

  /**
   * The folder of a model on this machine.
   *
   * @param spec the command
   * @param option what stands before messages about the command line
   * @param text what the command line names
   * @throws ParameterException if it cannot name a model
   * @throws dev.utter.speech.failure.CheckpointException if the model is not on this machine
   */
  public static Path locate(CommandSpec spec, String option, String text) {
    ModelSource source = ModelSource.parse(text);
    if (source.folder().map(named -> !Files.isDirectory(named)).orElse(false)) {
      throw new ParameterException(spec.commandLine(), option + text + " is not a folder");
    }
    try {
      return CommandSettings.modelFolders(System.getenv()).locate(source);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + e.getMessage(), e);
    }
  }

  public static Path development() {
    return Path.of(System.getProperty("utter.home", ""), DEVELOPMENT_MODEL);
  }
}
