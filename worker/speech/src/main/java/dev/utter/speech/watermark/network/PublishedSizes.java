package dev.utter.speech.watermark.network;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Networks of the published 44.1 kHz model's sizes with random weights: cost depends on the sizes
 * only. A mark embedded with them cannot be detected.
 */
final class PublishedSizes {
  static final HyperParameters NUMBERS = new HyperParameters(44_100, 4096, 2048, 1024, 5, 21, 47);

  private static final int ENCODER = 32;
  private static final int MESSAGE = 128;

  private final Map<String, StoredTensor> tensors = new HashMap<>();
  private final Random random;

  private PublishedSizes(long seed) {
    random = new Random(seed);
  }

  static WatermarkTensors tensors(long seed) {
    return new PublishedSizes(seed).all();
  }

  private WatermarkTensors all() {
    layers("enc_c.", 1, ENCODER, 3);
    layers("dec_c.", 3 * ENCODER, 3 * ENCODER, 3);
    layer("dec_c.3.", 3 * ENCODER, 1, 1);
    layers("dec_m.", 1, MESSAGE, 9);
    layer("dec_m.9.", MESSAGE, NUMBERS.symbols(), 3);
    tensor("enc_c.linear.weight", 0, 0.5, NUMBERS.band(), NUMBERS.symbols());
    tensor("enc_c.linear.bias", 0, 0.1, NUMBERS.band());
    tensor("dec_m.linear.weight", 0, 0.05, 1, NUMBERS.band());
    tensor("dec_m.linear.bias", 0, 0.1, 1);
    return new WatermarkTensors(tensors, 3, 4, 10);
  }

  private void layers(String network, int first, int width, int count) {
    for (int i = 0; i < count; i++) {
      layer(network + i + ".", i == 0 ? first : width, width, 3);
    }
  }

  private void layer(String layer, int inputs, int outputs, int kernel) {
    double deviation = Math.sqrt(2.0 / (inputs * kernel * kernel));
    for (String part : new String[] {"conv.", "gate."}) {
      tensor(layer + part + "weight", 0, deviation, outputs, inputs, kernel, kernel);
      tensor(layer + part + "bias", 0, 0.1, outputs);
    }
    tensor(layer + "bn.weight", 1, 0.1, outputs);
    tensor(layer + "bn.bias", 0, 0.2, outputs);
  }

  private void tensor(String name, double mean, double deviation, long... shape) {
    int size = Math.toIntExact(new Shape(shape).size());
    ByteBuffer elements =
        ByteBuffer.allocateDirect(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      elements.putFloat(i * Float.BYTES, (float) (mean + deviation * random.nextGaussian()));
    }
    tensors.put(
        name,
        new StoredTensor(
            Path.of("random"),
            name,
            Dtype.F32,
            new Shape(shape),
            () -> elements.duplicate().order(ByteOrder.LITTLE_ENDIAN)));
  }
}
