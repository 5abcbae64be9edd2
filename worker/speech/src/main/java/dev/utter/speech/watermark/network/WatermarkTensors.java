package dev.utter.speech.watermark.network;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.checkpoint.tensor.TorchZip;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The tensors of the three networks, checked against each other: {@code enc_c}, {@code dec_c} and
 * {@code dec_m}, layers counted from 0.
 *
 * @param byName tensors under names such as {@code dec_c.0.conv.weight} and {@code
 *     enc_c.linear.bias}
 * @param encoderLayers gated layers of the carrier encoder
 * @param carrierLayers gated layers of the carrier decoder
 * @param messageLayers gated layers of the message decoder
 */
record WatermarkTensors(
    Map<String, StoredTensor> byName, int encoderLayers, int carrierLayers, int messageLayers) {
  private static final String PREFIX = "module.";
  private static final List<String> PARAMETERS =
      List.of("conv.weight", "conv.bias", "gate.weight", "gate.bias", "bn.weight", "bn.bias");

  /**
   * Reads the three checkpoints of a folder.
   *
   * @throws CheckpointException if a file is missing, damaged or does not fit the others
   */
  static WatermarkTensors read(Path folder, HyperParameters numbers) {
    Map<String, StoredTensor> tensors = new HashMap<>();
    int encoder = read(folder.resolve("enc_c.ckpt"), "enc_c.", tensors);
    int carrier = read(folder.resolve("dec_c.ckpt"), "dec_c.", tensors);
    int message = read(folder.resolve("dec_m_0.ckpt"), "dec_m.", tensors);
    check(tensors, "enc_c.", encoder, 1);
    int width =
        Math.toIntExact(
            requireNonNull(tensors.get("enc_c." + (encoder - 1) + ".bn.weight")).shape().get(0));
    check(tensors, "dec_c.", carrier, 3L * width);
    check(tensors, "dec_m.", message, 1);
    expect(tensors, "enc_c.linear.weight", new Shape(numbers.band(), numbers.symbols()));
    expect(tensors, "enc_c.linear.bias", new Shape(numbers.band()));
    expect(tensors, "dec_c." + (carrier - 1) + ".bn.weight", new Shape(1));
    expect(tensors, "dec_m." + (message - 1) + ".bn.weight", new Shape(numbers.symbols()));
    expect(tensors, "dec_m.linear.weight", new Shape(1, numbers.band()));
    expect(tensors, "dec_m.linear.bias", new Shape(1));
    return new WatermarkTensors(Map.copyOf(tensors), encoder, carrier, message);
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

  /** Every layer has the outputs of the one before as inputs, and odd square kernels. */
  private static void check(
      Map<String, StoredTensor> tensors, String network, int layers, long inputs) {
    for (int i = 0; i < layers; i++) {
      String layer = network + i + ".";
      Shape weight = requireNonNull(tensors.get(layer + "conv.weight")).shape();
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
}
