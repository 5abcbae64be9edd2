package dev.utter.speech.watermark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.DeviceLoss;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The three networks on a device. One clip at a time: a pass needs memory for a plane of the widest
 * layer, {@code channels · frequencies · frames · 4} bytes, so passes take turns.
 */
final class WatermarkNetworks implements AutoCloseable {
  /** Positions of a plane, frequencies times frames, a layer works on at once: what caches hold. */
  private static final int BLOCK = 1 << 14;

  /** On a GPU: large enough that few kernels are started, 64 channels take 256 MiB. */
  private static final int GPU_BLOCK = 1 << 20;

  static final String PROGRAM = "watermark";

  private static final PassThread PASSES = new PassThread();

  private final TorchEngine engine;
  private final TorchProgram program;
  private final HyperParameters numbers;

  private WatermarkNetworks(TorchEngine engine, TorchProgram program, HyperParameters numbers) {
    this.engine = engine;
    this.program = program;
    this.numbers = numbers;
  }

  static WatermarkNetworks load(TorchEngine engine, Path folder, HyperParameters numbers) {
    WatermarkTensors tensors = WatermarkTensors.read(folder, numbers);
    return load(engine, TorchProgram.load(engine, PROGRAM), tensors, numbers, true);
  }

  /**
   * Gives a program its weights; the result closes the program.
   *
   * @param winograd whether to convolve with fewer products where the platform has such kernels
   */
  static WatermarkNetworks load(
      TorchEngine engine,
      TorchProgram program,
      WatermarkTensors tensors,
      HyperParameters numbers,
      boolean winograd) {
    try (NDManager scope = engine.newScope()) {
      Map<String, NDArray> weights = new HashMap<>();
      tensors.byName().forEach((name, tensor) -> weights.put(name, tensor.toNDArray(scope)));
      program.run(
          scope,
          "load",
          weights,
          scope.create(hann(numbers.fftSize())).duplicate(),
          numbers.fftSize(),
          numbers.hop(),
          numbers.band(),
          tensors.encoderLayers(),
          tensors.carrierLayers(),
          tensors.messageLayers(),
          engine.device().isGpu() ? GPU_BLOCK : BLOCK,
          winograd);
      return new WatermarkNetworks(engine, program, numbers);
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /**
   * Marks a clip of power-normalised samples.
   *
   * @param symbols one message, terminator last
   * @param ratio amplitude of the clip over that of the mark
   * @return as many samples
   */
  float[] embed(float[] samples, long[] symbols, double ratio) {
    return pass(
        () -> {
          try (NDManager scope = engine.newScope()) {
            return program
                .run(scope, "embed", scope.create(samples), scope.create(symbols), ratio)
                .singletonOrThrow()
                .toFloatArray();
          }
        });
  }

  /** Logits {@code (symbols, frames)} of power-normalised samples, in row-major order. */
  float[] logits(float[] samples) {
    return pass(
        () -> {
          try (NDManager scope = engine.newScope()) {
            return program
                .run(scope, "logits", scope.create(samples))
                .singletonOrThrow()
                .toFloatArray();
          }
        });
  }

  private static float[] pass(Supplier<float[]> work) {
    return PASSES.run(() -> DeviceLoss.watch(work));
  }

  /** The most likely symbol of every frame of power-normalised samples. */
  int[] symbols(float[] samples) {
    float[] logits = logits(samples);
    int[] symbols = new int[logits.length / numbers.symbols()];
    for (int frame = 0; frame < symbols.length; frame++) {
      for (int symbol = 1; symbol < numbers.symbols(); symbol++) {
        if (logits[symbol * symbols.length + frame]
            > logits[symbols[frame] * symbols.length + frame]) {
          symbols[frame] = symbol;
        }
      }
    }
    return symbols;
  }

  private static float[] hann(int size) {
    float[] window = new float[size];
    for (int i = 0; i < size; i++) {
      window[i] = (float) (0.5 - 0.5 * Math.cos(2 * Math.PI * i / size));
    }
    return window;
  }

  @Override
  public void close() {
    program.close();
  }
}
