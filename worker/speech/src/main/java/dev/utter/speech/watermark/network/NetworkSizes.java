package dev.utter.speech.watermark.network;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sizes of the networks' layers, as the program has them. Time and memory of a pass are computed
 * from them.
 *
 * @param encoder layers of the carrier encoder
 * @param carrier layers of the carrier decoder
 * @param message layers of the message decoder
 */
record NetworkSizes(List<Layer> encoder, List<Layer> carrier, List<Layer> message) {
  /**
   * A gated layer.
   *
   * @param name beginning of the names of its weights
   * @param inputs channels that it reads
   * @param outputs channels that it writes; it computes twice as many
   * @param kernel width of its filters
   */
  record Layer(String name, int inputs, int outputs, int kernel) {
    /** Multiplications for one position of a plane. */
    long products() {
      return 2L * inputs * outputs * kernel * kernel;
    }
  }

  /** Carrier and message, beside the encoder's channels. */
  private static final int JOINED = 2;

  static NetworkSizes of(WatermarkTensors tensors) {
    List<Layer> encoder = layers(tensors, "enc_c.", tensors.encoderLayers());
    List<Layer> carrier = layers(tensors, "dec_c.", tensors.carrierLayers());
    Layer first = carrier.get(0);
    // The program reads carrier and message once, not once for each of the encoder's channels.
    int joined = encoder.get(encoder.size() - 1).outputs() + JOINED;
    carrier.set(0, new Layer(first.name(), joined, first.outputs(), first.kernel()));
    return new NetworkSizes(encoder, carrier, layers(tensors, "dec_m.", tensors.messageLayers()));
  }

  private static List<Layer> layers(WatermarkTensors tensors, String network, int count) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = network + i + ".";
      StoredTensor weight = requireNonNull(tensors.byName().get(name + "conv.weight"));
      Shape shape = weight.shape();
      layers.add(new Layer(name, (int) shape.get(1), (int) shape.get(0), (int) shape.get(2)));
    }
    return layers;
  }

  /** Whether all filters have a size that the CPU operators have. */
  boolean fitOperators() {
    return Stream.of(encoder, carrier, message)
        .flatMap(List::stream)
        .allMatch(layer -> layer.kernel() == 1 || layer.kernel() == 3);
  }

  /** Channels of the plane that these layers work in. */
  static int width(List<Layer> layers) {
    return layers.stream()
        .mapToInt(layer -> Math.max(layer.inputs(), layer.outputs()))
        .max()
        .orElseThrow();
  }
}
