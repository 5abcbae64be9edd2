package dev.utter.speech.checkpoint.config;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sampling defaults of the checkpoint's authors, from generation_config.json. Without that file:
 * sampling at temperature 0.9 with top-k 50, as the original program does, and at most 125 frames.
 *
 * @param backbone sampling of codebook 0
 * @param depthDecoder sampling of the other codebooks
 * @param maxNewFrames maximum number of frames to generate
 */
public record GenerationDefaults(Sampling backbone, Sampling depthDecoder, int maxNewFrames) {

  private static final int DEFAULT_FRAMES = 125;
  private static final int DEFAULT_TOP_K = 50;

  /**
   * Sampling of one model.
   *
   * @param sample whether to sample; otherwise the most likely code is taken
   * @param temperature divisor of the logits, above 0
   * @param topK how many codes are eligible; 0 for all
   */
  public record Sampling(boolean sample, double temperature, int topK) {

    /** Absent fields take transformers' defaults: no sampling, temperature 1, top-k 50. */
    static Sampling read(ConfigFields fields, String prefix) {
      return new Sampling(
          fields.flag(prefix + "do_sample", false),
          fields.positive(prefix + "temperature", 1),
          fields.id(prefix + "top_k", DEFAULT_TOP_K));
    }
  }

  /**
   * Reads generation_config.json.
   *
   * @throws dev.utter.speech.failure.CheckpointException naming file, field, value and rule
   */
  public static GenerationDefaults read(Path file) {
    if (!Files.exists(file)) {
      Sampling sampling = new Sampling(true, 0.9, DEFAULT_TOP_K);
      return new GenerationDefaults(sampling, sampling, DEFAULT_FRAMES);
    }
    ConfigFields fields = ConfigFields.read(file);
    return new GenerationDefaults(
        Sampling.read(fields, ""),
        Sampling.read(fields, "depth_decoder_"),
        fields.count("max_new_tokens", DEFAULT_FRAMES));
  }
}
