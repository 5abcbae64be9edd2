package dev.utter.speech.watermark.network;

import dev.utter.speech.torch.TorchEngine;

/** Looks in fewer bits than 32. */
public final class ReducedLooks {
  private ReducedLooks() {}

  /** Whether the networks take them on this machine: the processor must multiply bfloat16. */
  public static boolean areTaken(TorchEngine engine) {
    return Convolution.of(engine).reduced().isPresent();
  }
}
