package dev.utter.speech.watermark.network;

import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The slow reference of the watermark program: the formulas as they stand. */
final class WholePlanes implements AutoCloseable {
  private final TorchEngine engine;
  private final TorchProgram program;

  private WholePlanes(TorchEngine engine, TorchProgram program) {
    this.engine = engine;
    this.program = program;
  }

  static WholePlanes load(TorchEngine engine, WatermarkTensors tensors, HyperParameters numbers) {
    try (InputStream in = WholePlanes.class.getResourceAsStream("whole-planes.py")) {
      String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      TorchProgram program = TorchProgram.compile(engine, "whole-planes", source);
      try (NDManager scope = engine.newScope()) {
        program.run(
            scope,
            "load",
            WatermarkNetworks.loadArguments(scope, tensors, numbers, Convolution.EXACT));
      }
      return new WholePlanes(engine, program);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  float[] embed(float[] samples, long[] symbols, double ratio) {
    try (NDManager scope = engine.newScope()) {
      return program
          .run(scope, "embed", scope.create(samples), scope.create(symbols), ratio)
          .singletonOrThrow()
          .toFloatArray();
    }
  }

  float[] logits(float[] samples) {
    try (NDManager scope = engine.newScope()) {
      return program.run(scope, "logits", scope.create(samples)).singletonOrThrow().toFloatArray();
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
