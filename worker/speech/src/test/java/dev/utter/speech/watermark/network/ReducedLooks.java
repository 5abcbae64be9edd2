package dev.utter.speech.watermark.network;

import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.program.TensorType;
import java.nio.file.Path;
import java.util.Optional;

/** Networks whose reduced looks are of bfloat16, on any processor. */
public final class ReducedLooks {
  private ReducedLooks() {}

  /** Loads the networks of a folder. */
  public static WatermarkNetworks load(TorchEngine engine, Path folder) {
    HyperParameters numbers = HyperParameters.read(folder.resolve("hparams.yaml"));
    return WatermarkNetworks.load(
        engine,
        WatermarkTensors.read(folder, numbers),
        numbers,
        new Convolution(true, Optional.of(TensorType.BFLOAT16)));
  }
}
