package dev.utter.speech.checkpoint.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * Rotary position embedding.
 *
 * @param theta base of the frequencies
 * @param scaling Llama-3 scaling, if any
 */
public record RopeConfig(double theta, Optional<RopeScaling> scaling) {

  public RopeConfig {
    if (!(theta > 0)) {
      throw new IllegalArgumentException("theta is " + theta + ", must be above 0");
    }
    requireNonNull(scaling, "scaling is null");
  }

  /**
   * Angle per position of each rotated pair, shape {@code (headDim / 2)}, in radians: {@code theta
   * ^ (-2j / headDim)}, scaled where {@link #scaling()} says so.
   */
  public float[] inverseFrequencies(int headDim) {
    float[] frequencies = new float[headDim / 2];
    for (int j = 0; j < frequencies.length; j++) {
      float exponent = 2f * j / headDim;
      float frequency = 1 / (float) Math.pow((float) theta, exponent);
      frequencies[j] = scaling.isPresent() ? scaling.get().scale(frequency) : frequency;
    }
    return frequencies;
  }

  /**
   * Reads both spellings: {@code rope_parameters} with everything inside, or {@code rope_theta}
   * beside {@code rope_scaling}.
   */
  static RopeConfig read(ConfigFields fields, double defaultTheta) {
    boolean nested = fields.has("rope_parameters");
    ConfigFields parameters = fields.object(nested ? "rope_parameters" : "rope_scaling");
    double outerTheta = fields.positive("rope_theta", defaultTheta);
    double theta = parameters.positive("rope_theta", outerTheta);
    String typeField = parameters.has("rope_type") ? "rope_type" : "type";
    String type = parameters.text(typeField).orElse("default");
    return switch (type) {
      case "default" -> new RopeConfig(theta, Optional.empty());
      case "llama3" -> new RopeConfig(theta, Optional.of(llama3(parameters)));
      default -> throw parameters.refuse(typeField, "only default and llama3 are supported");
    };
  }

  private static RopeScaling llama3(ConfigFields parameters) {
    double low = parameters.positive("low_freq_factor");
    double high = parameters.positive("high_freq_factor");
    if (high <= low) {
      throw parameters.refuse("high_freq_factor", "must be above low_freq_factor " + low);
    }
    int original = parameters.id("original_max_position_embeddings", 0);
    if (original == 0) {
      throw parameters.refuse("original_max_position_embeddings", "must be a whole number from 1");
    }
    return new RopeScaling(parameters.positive("factor"), low, high, original);
  }
}
