package dev.utter.speech.checkpoint.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings of a CSM checkpoint, from config.json. Fields absent from the file take transformers'
 * defaults; a value this engine does not support is refused.
 *
 * @param codebooks codes per frame
 * @param vocabularySize entries of one codebook's logits, special ids included
 * @param textVocabularySize entries of the text embedding
 * @param backbone sizes of the backbone
 * @param depthDecoder sizes of the depth decoder
 * @param codec sizes of the audio codec
 * @param codebookEosId code that, in every codebook of a frame, ends the audio
 * @param codebookPadId code that fills finished rows of a batch
 * @param bosId text id that begins a segment
 * @param audioId text id that stands for one frame of context audio
 * @param audioEosId text id that ends context audio
 * @param dtype element type the checkpoint was saved as, if given
 */
public record CsmConfig(
    int codebooks,
    int vocabularySize,
    int textVocabularySize,
    TransformerConfig backbone,
    DepthDecoderConfig depthDecoder,
    MimiConfig codec,
    int codebookEosId,
    int codebookPadId,
    int bosId,
    int audioId,
    int audioEosId,
    Optional<String> dtype) {

  static final RopeConfig ABSENT_ROPE = new RopeConfig(500_000, Optional.empty());

  private static final TransformerConfig ABSENT =
      new TransformerConfig(2048, 8192, 16, 32, 8, 64, 2048, 1e-5, ABSENT_ROPE);

  /**
   * Reads config.json, in transformers' spelling or with the five keys of the original release.
   *
   * @throws dev.utter.speech.failure.CheckpointException naming file, field, value and rule
   */
  public static CsmConfig read(Path file) {
    ConfigFields fields = ConfigFields.read(file);
    boolean original = fields.has("backbone_flavor") && !fields.has("hidden_size");
    return original ? OriginalFlavor.config(fields) : read(fields);
  }

  /** The sizes CSM-1B was published with. */
  public static CsmConfig csm1b() {
    return OriginalFlavor.csm1b();
  }

  /** These settings with another stored element type. */
  public CsmConfig withDtype(String stored) {
    return new CsmConfig(
        codebooks,
        vocabularySize,
        textVocabularySize,
        backbone,
        depthDecoder,
        codec,
        codebookEosId,
        codebookPadId,
        bosId,
        audioId,
        audioEosId,
        Optional.of(stored));
  }

  private static CsmConfig read(ConfigFields fields) {
    fields.demand("model_type", "csm");
    fields.demand("hidden_act", "silu");
    DepthDecoderConfig depth = DepthDecoderConfig.read(fields.object("depth_decoder_config"));
    MimiConfig codec = MimiConfig.read(fields.object("codec_config"));
    CsmConfig config =
        new CsmConfig(
            fields.count("num_codebooks", 32),
            fields.count("vocab_size", 2051),
            fields.count("text_vocab_size", 128_256),
            TransformerConfig.read(fields, ABSENT, "rms_norm_eps"),
            depth,
            codec,
            fields.id("codebook_eos_token_id", 0),
            fields.id("codebook_pad_token_id", 2050),
            fields.id("bos_token_id", 128_000),
            fields.id("audio_token_id", 128_002),
            fields.id("audio_eos_token_id", 128_003),
            fields.text("dtype").or(() -> fields.text("torch_dtype")));
    config.checkParts(fields);
    return config;
  }

  private void checkParts(ConfigFields fields) {
    ConfigFields depth = fields.object("depth_decoder_config");
    record Agreement(ConfigFields fields, String field, int found, String rule, int expected) {}
    List<Agreement> agreements =
        List.of(
            new Agreement(
                depth, "num_codebooks", depthDecoder.codebooks(), "num_codebooks", codebooks),
            new Agreement(
                depth, "vocab_size", depthDecoder.vocabularySize(), "vocab_size", vocabularySize),
            new Agreement(
                depth,
                "backbone_hidden_size",
                depthDecoder.backboneHiddenSize(),
                "hidden_size",
                backbone.hiddenSize()),
            new Agreement(
                fields.object("codec_config"),
                "num_quantizers",
                codec.codebooks(),
                "num_codebooks",
                codebooks));
    for (Agreement agreement : agreements) {
      if (agreement.found() != agreement.expected()) {
        throw agreement
            .fields()
            .refuse(
                agreement.field(),
                "must equal " + agreement.rule() + ", which is " + agreement.expected());
      }
    }
    if (codec.codebookSize() > vocabularySize) {
      throw fields.refuse(
          "vocab_size", "must be at least codec_config.codebook_size " + codec.codebookSize());
    }
    if (codebooks < 2) {
      throw fields.refuse("num_codebooks", "must be at least 2");
    }
  }
}
