package dev.utter.cli.command;

import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say which model and which watermark networks to use. */
public final class ModelOptions {
  private static final String DEVELOPMENT_MODEL = "worker/speech/models/development";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Folder of a CSM checkpoint as published, for example CSM-1B's (default: the development"
              + " model, which makes sound, not speech).")
  private Path model;

  @Option(
      names = "--watermark",
      paramLabel = "DIR",
      description =
          "Folder of the SilentCipher networks (default: 'watermark' in the model's folder, else"
              + " the development model's).")
  private Path watermark;

  /** Folder of the checkpoint. */
  public Path model() {
    return model == null ? development() : existing("--model", model);
  }

  /** Folder of the watermark networks. */
  public Path watermark() {
    if (watermark != null) {
      return existing("--watermark", watermark);
    }
    Path beside = model().resolve("watermark");
    return Files.isDirectory(beside) ? beside : development().resolve("watermark");
  }

  /** Loads the watermark networks; the caller closes them. */
  public Watermark loadWatermark(EngineSettings engine) {
    return Watermark.load(TorchEngine.start(engine), watermark(), WatermarkSettings.DEFAULT);
  }

  private Path existing(String option, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ParameterException(spec.commandLine(), option + ": " + folder + " is not a folder");
    }
    return folder;
  }

  public static Path development() {
    return Path.of(System.getProperty("utter.home", ""), DEVELOPMENT_MODEL);
  }
}
