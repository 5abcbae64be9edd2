package dev.utter.speech.csm;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.util.regex.Pattern;

/**
 * The minimum memory of a model in bytes, known before it is loaded.
 *
 * @param weightBytes the language model's matrices and the depth decoder's projected tables; other
 *     tables are left out, they may stay in their file
 * @param slotBytes caches of one utterance of full length
 */
public record WeightMemory(long weightBytes, long slotBytes) {

  /** Bytes of a weight in 4 bit: a group of 32 has a scale of 8 bit. */
  public static final double INT4_BYTES = (4 + 8 / 32.0) / Byte.SIZE;

  private static final Pattern DEPTH_MLP = Pattern.compile("depth_decoder\\..*\\.mlp\\.");

  private static final String TABLES = "embed_";

  /** The memory of a checkpoint with these settings. */
  public static WeightMemory of(EngineSettings settings, Checkpoint checkpoint) {
    int width =
        switch (settings.precision()) {
          case FLOAT32 -> 4;
          case BFLOAT16, FLOAT16 -> 2;
          case INT8, INT4 -> 1;
        };
    boolean int4 = settings.precision() == Precision.INT4;
    double numbers =
        checkpoint.tensors().values().stream()
            .filter(tensor -> !tensor.name().startsWith(Checkpoint.CODEC_PREFIX))
            .filter(tensor -> !tensor.name().contains(TABLES))
            .mapToDouble(
                tensor ->
                    tensor.shape().size()
                        * (int4 && DEPTH_MLP.matcher(tensor.name()).lookingAt()
                            ? INT4_BYTES
                            : width))
            .sum();
    CsmConfig config = checkpoint.config();
    long projected =
        (config.codebooks() - 1L)
            * config.vocabularySize()
            * config.depthDecoder().transformer().hiddenSize();
    return new WeightMemory(
        (long) numbers + projected * Math.max(width, 2),
        SlotMemory.of(config, width == 4 ? 4 : 2).slotBytes());
  }

  /** Bytes of a checkpoint's codec, which is always 32 bit. */
  public static long codecBytes(Checkpoint checkpoint) {
    return Float.BYTES
        * checkpoint.tensors().values().stream()
            .filter(tensor -> tensor.name().startsWith(Checkpoint.CODEC_PREFIX))
            .map(StoredTensor::shape)
            .mapToLong(shape -> shape.size())
            .sum();
  }

  /**
   * Refuses a device that is too small.
   *
   * @throws IllegalStateException if so little is free that weights and one utterance do not fit
   */
  public void require(EngineSettings settings, long freeBytes) {
    if (weightBytes + slotBytes > freeBytes) {
      throw new IllegalStateException(
          "%s has %d bytes of memory free, but the weights take %d as %s and one utterance of full"
                  .formatted(settings.device(), freeBytes, weightBytes, settings.precision())
              + " length takes %d: end what else uses the device, or choose a lower precision"
                  .formatted(slotBytes));
    }
  }
}
