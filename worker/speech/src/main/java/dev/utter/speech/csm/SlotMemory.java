package dev.utter.speech.csm;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.mimi.MimiStream;

/**
 * Native memory that one utterance takes while it is generated.
 *
 * @param maxPositions positions a slot can have
 * @param bytesPerPosition bytes of the keys and values of one position in all layers of the
 *     backbone
 * @param depthBytes bytes of the depth decoder's caches
 * @param codecBytes bytes of the streamed codec's state
 */
public record SlotMemory(
    int maxPositions, long bytesPerPosition, long depthBytes, long codecBytes) {

  /**
   * Computed from a checkpoint's configuration.
   *
   * @param elementBytes bytes of one number in the caches
   */
  public static SlotMemory of(CsmConfig config, int elementBytes) {
    TransformerConfig depth = config.depthDecoder().transformer();
    return new SlotMemory(
        config.backbone().maxPositions(),
        bytesPerPosition(config.backbone(), elementBytes),
        bytesPerPosition(depth, elementBytes) * config.codebooks(),
        MimiStream.bytes(config.codec()));
  }

  private static long bytesPerPosition(TransformerConfig config, int elementBytes) {
    return 2L * config.layers() * config.keyValueWidth() * elementBytes;
  }

  /** Bytes of the KV cache of a sequence of full length. */
  public long sequenceBytes() {
    return maxPositions * bytesPerPosition;
  }

  /** Bytes that one slot takes at full length. */
  public long slotBytes() {
    return sequenceBytes() + depthBytes + codecBytes;
  }
}
