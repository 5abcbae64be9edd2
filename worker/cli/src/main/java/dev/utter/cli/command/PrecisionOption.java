package dev.utter.cli.command;

import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import picocli.CommandLine.Option;

/** The option for the type of the language model's weights. */
public final class PrecisionOption {
  @Option(
      names = "--precision",
      paramLabel = "P",
      description =
          "How the language model's weights are held: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}). Codec and watermark are always 32 bit.")
  private Precision precision = EngineSettings.defaults().precision();

  /** Type of the weights. */
  public Precision precision() {
    return precision;
  }
}
