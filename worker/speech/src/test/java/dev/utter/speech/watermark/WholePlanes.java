package dev.utter.speech.watermark;

import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The slow reference of the watermark program: the formulas as they stand. */
final class WholePlanes {
  private WholePlanes() {}

  static WatermarkNetworks load(
      TorchEngine engine, WatermarkTensors tensors, HyperParameters numbers) {
    try (InputStream in = WholePlanes.class.getResourceAsStream("whole-planes.py")) {
      String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      TorchProgram program = TorchProgram.compile(engine, "whole-planes", source);
      return WatermarkNetworks.load(engine, program, tensors, numbers, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
