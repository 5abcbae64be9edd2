package dev.utter.speech.checkpoint.config;

import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Sizes of a checkpoint in the original layout, whose config.json names flavours instead of sizes.
 * The flavours are those of SesameAILabs/csm, {@code models.py}.
 */
final class OriginalFlavor {

  private static final int CODEBOOKS = 32;
  private static final int VOCABULARY = 2051;
  private static final int TEXT_VOCABULARY = 128_256;

  private static final RopeConfig ROPE =
      new RopeConfig(500_000, Optional.of(new RopeScaling(32, 1, 4, 8192)));

  private static final TransformerConfig LLAMA_1B =
      new TransformerConfig(2048, 8192, 16, 32, 8, 64, 2048, 1e-5, ROPE);
  private static final TransformerConfig LLAMA_100M =
      new TransformerConfig(1024, 8192, 4, 8, 2, 128, 2048, 1e-5, ROPE);

  private static final Map<String, TransformerConfig> FLAVORS =
      Map.of("llama-1B", LLAMA_1B, "llama-100M", LLAMA_100M);

  private OriginalFlavor() {}

  /** The sizes CSM-1B was published with. */
  static CsmConfig csm1b() {
    return config(CODEBOOKS, VOCABULARY, TEXT_VOCABULARY, LLAMA_1B, LLAMA_100M);
  }

  static CsmConfig config(ConfigFields fields) {
    int codebooks = fields.count("audio_num_codebooks", CODEBOOKS);
    int vocabulary = fields.count("audio_vocab_size", VOCABULARY);
    int codebookSize = MimiConfig.published(codebooks).codebookSize();
    if (vocabulary < codebookSize) {
      throw fields.refuse("audio_vocab_size", "must be at least " + codebookSize);
    }
    return config(
        codebooks,
        vocabulary,
        fields.count("text_vocab_size", TEXT_VOCABULARY),
        flavor(fields, "backbone_flavor"),
        flavor(fields, "decoder_flavor"));
  }

  private static CsmConfig config(
      int codebooks,
      int vocabulary,
      int textVocabulary,
      TransformerConfig backbone,
      TransformerConfig decoder) {
    return new CsmConfig(
        codebooks,
        vocabulary,
        textVocabulary,
        backbone,
        new DepthDecoderConfig(codebooks, backbone.hiddenSize(), vocabulary, decoder),
        MimiConfig.published(codebooks),
        0,
        vocabulary - 1,
        128_000,
        128_002,
        128_003,
        Optional.empty());
  }

  private static TransformerConfig flavor(ConfigFields fields, String name) {
    return fields
        .text(name)
        .map(FLAVORS::get)
        .orElseThrow(
            () -> fields.refuse(name, "must be one of " + new TreeSet<>(FLAVORS.keySet())));
  }
}
