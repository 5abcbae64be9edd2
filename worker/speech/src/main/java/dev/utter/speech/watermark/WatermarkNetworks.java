package dev.utter.speech.watermark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.CheckpointException;
import dev.utter.speech.checkpoint.StoredTensor;
import dev.utter.speech.checkpoint.TorchZip;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The three networks on a device. One clip at a time: a pass needs memory for two planes of the
 * widest layer, {@code 2 · channels · frequencies · frames · 4} bytes, so a lock serialises passes.
 */
final class WatermarkNetworks implements AutoCloseable {
  /** Frames a convolution takes at once. */
  private static final int BLOCK = 64;

  private static final String PREFIX = "module.";
  private static final List<String> PARAMETERS =
      List.of("conv.weight", "conv.bias", "gate.weight", "gate.bias", "bn.weight", "bn.bias");

  private final ReentrantLock lock = new ReentrantLock();
  private final TorchEngine engine;
  private final TorchProgram program;
  private final HyperParameters numbers;

  private WatermarkNetworks(TorchEngine engine, TorchProgram program, HyperParameters numbers) {
    this.engine = engine;
    this.program = program;
    this.numbers = numbers;
  }

  static WatermarkNetworks load(TorchEngine engine, Path folder, HyperParameters numbers) {
    Map<String, StoredTensor> tensors = new HashMap<>();
    int encoder = read(folder.resolve("enc_c.ckpt"), "enc_c.", tensors);
    int carrier = read(folder.resolve("dec_c.ckpt"), "dec_c.", tensors);
    int message = read(folder.resolve("dec_m_0.ckpt"), "dec_m.", tensors);
    check(tensors, "enc_c.", encoder, 1);
    int width =
        Math.toIntExact(tensors.get("enc_c." + (encoder - 1) + ".bn.weight").shape().get(0));
    check(tensors, "dec_c.", carrier, 3 * width);
    check(tensors, "dec_m.", message, 1);
    expect(tensors, "enc_c.linear.weight", new Shape(numbers.band(), numbers.symbols()));
    expect(tensors, "enc_c.linear.bias", new Shape(numbers.band()));
    expect(tensors, "dec_c." + (carrier - 1) + ".bn.weight", new Shape(1));
    expect(tensors, "dec_m." + (message - 1) + ".bn.weight", new Shape(numbers.symbols()));
    expect(tensors, "dec_m.linear.weight", new Shape(1, numbers.band()));
    expect(tensors, "dec_m.linear.bias", new Shape(1));
    TorchProgram program = TorchProgram.load(engine, "watermark");
    try (NDManager scope = engine.newScope()) {
      Map<String, NDArray> weights = new HashMap<>();
      tensors.forEach((name, tensor) -> weights.put(name, tensor.toNDArray(scope)));
      program.run(
          scope,
          "load",
          weights,
          scope.create(hann(numbers.fftSize())).duplicate(),
          numbers.fftSize(),
          numbers.hop(),
          numbers.band(),
          encoder,
          carrier,
          message,
          BLOCK);
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
    lock.lock();
    try (NDManager scope = engine.newScope()) {
      return program
          .run(scope, "embed", scope.create(samples), scope.create(symbols), ratio)
          .singletonOrThrow()
          .toFloatArray();
    } finally {
      lock.unlock();
    }
  }

  /** Logits {@code (symbols, frames)} of power-normalised samples, in row-major order. */
  float[] logits(float[] samples) {
    lock.lock();
    try (NDManager scope = engine.newScope()) {
      return program.run(scope, "logits", scope.create(samples)).singletonOrThrow().toFloatArray();
    } finally {
      lock.unlock();
    }
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

  /**
   * Adds a checkpoint's tensors under names without {@code module.main.}, layers counted from 0:
   * the message decoder's file leaves out every other number, where its dropouts are.
   *
   * @return number of layers
   */
  private static int read(Path file, String network, Map<String, StoredTensor> tensors) {
    Map<String, StoredTensor> stored = new HashMap<>();
    TorchZip.read(file)
        .forEach(
            (name, tensor) ->
                stored.put(
                    name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name, tensor));
    TreeSet<Integer> layers = new TreeSet<>();
    for (String name : stored.keySet()) {
      if (name.matches("main\\.[0-9]{1,3}\\.conv\\.weight")) {
        layers.add(Integer.parseInt(name.split("\\.")[1]));
      }
    }
    int count = 0;
    for (int layer : layers) {
      for (String parameter : PARAMETERS) {
        String name = "main." + layer + "." + parameter;
        tensors.put(network + count + "." + parameter, present(file, name, stored));
      }
      count++;
    }
    if (count == 0) {
      throw CheckpointException.tensor(file, "main.0.conv.weight", "a layer", "nothing");
    }
    for (String parameter : List.of("linear.weight", "linear.bias")) {
      if (stored.containsKey(parameter)) {
        tensors.put(network + parameter, stored.get(parameter));
      }
    }
    return count;
  }

  private static StoredTensor present(Path file, String name, Map<String, StoredTensor> stored) {
    StoredTensor tensor = stored.get(name);
    if (tensor == null) {
      throw CheckpointException.tensor(file, name, "a tensor", "nothing");
    }
    return tensor;
  }

  /** Every layer takes what the one before gives, through odd square kernels. */
  private static void check(
      Map<String, StoredTensor> tensors, String network, int layers, long inputs) {
    for (int i = 0; i < layers; i++) {
      String layer = network + i + ".";
      Shape weight = tensors.get(layer + "conv.weight").shape();
      long outputs = weight.dimension() == 0 ? 0 : weight.get(0);
      long kernel = weight.dimension() == 0 ? 0 : weight.get(weight.dimension() - 1);
      Shape odd = new Shape(outputs, inputs, kernel / 2 * 2 + 1, kernel / 2 * 2 + 1);
      expect(tensors, layer + "conv.weight", odd);
      expect(tensors, layer + "gate.weight", odd);
      for (String vector : List.of("conv.bias", "gate.bias", "bn.weight", "bn.bias")) {
        expect(tensors, layer + vector, new Shape(outputs));
      }
      inputs = outputs;
    }
  }

  private static void expect(Map<String, StoredTensor> tensors, String name, Shape shape) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw CheckpointException.tensor(
          tensor == null ? "watermark" : tensor.file(),
          name,
          shape,
          tensor == null ? "nothing" : tensor.shape());
    }
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
