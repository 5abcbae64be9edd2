package dev.utter.cli.command;

import dev.utter.speech.torch.EngineSettings;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option for the device that computes tensors. */
public final class DeviceOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "D",
      description =
          "Where to compute: auto, cpu, cuda, cuda:N or mps (default: ${DEFAULT-VALUE}, the first"
              + " CUDA device that can be used, else the CPU). For cuda the libtorch has to be one"
              + " with CUDA; see docs/gpu.md.")
  private String device = EngineSettings.defaults().device();

  /** The default engine settings with this device. */
  public EngineSettings engine() {
    try {
      return EngineSettings.defaults().withDevice(device);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
