package dev.utter.speech.checkpoint.layout;

import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import java.util.List;

/** Names and shapes of the codec's tensors, as transformers spells them. */
public final class MimiManifest {

  /** A tensor that every codec has, without the prefix. */
  public static final String SIGNATURE = "encoder.layers.0.conv.weight";

  private final TensorManifest manifest;
  private final String prefix;
  private final MimiConfig config;
  private final long width;

  private MimiManifest(TensorManifest manifest, String prefix, MimiConfig config) {
    this.manifest = manifest;
    this.prefix = prefix;
    this.config = config;
    this.width = config.transformer().hiddenSize();
  }

  static void addTo(TensorManifest manifest, String prefix, MimiConfig config) {
    MimiManifest mimi = new MimiManifest(manifest, prefix, config);
    mimi.addEncoder();
    mimi.addDecoder();
    mimi.addTransformer("encoder_transformer.");
    mimi.addTransformer("decoder_transformer.");
    mimi.add("downsample.conv.weight", mimi.width, mimi.width, config.frameKernelSize());
    mimi.add(
        "upsample.conv.weight",
        mimi.width,
        mimi.width / config.upsampleGroups(),
        config.frameKernelSize());
    mimi.addQuantizer("semantic", config.semanticCodebooks());
    mimi.addQuantizer("acoustic", config.codebooks() - config.semanticCodebooks());
  }

  private void addEncoder() {
    long channels = config.filters();
    addConv("encoder.layers.0.", channels, 1, config.kernelSize());
    int layer = 1;
    List<Integer> ratios = config.ratios();
    for (int i = ratios.size() - 1; i >= 0; i--) {
      addResidualBlock("encoder.layers." + layer + ".", channels);
      addConv("encoder.layers." + (layer + 2) + ".", 2 * channels, channels, 2L * ratios.get(i));
      channels *= 2;
      layer += 3;
    }
    addConv("encoder.layers." + (layer + 1) + ".", width, channels, config.lastKernelSize());
  }

  private void addDecoder() {
    long channels = (long) config.filters() << config.ratios().size();
    addConv("decoder.layers.0.", channels, width, config.kernelSize());
    int layer = 2;
    for (int ratio : config.ratios()) {
      String up = "decoder.layers." + layer + ".conv.";
      add(up + "weight", channels, channels / 2, 2L * ratio);
      add(up + "bias", channels / 2);
      channels /= 2;
      addResidualBlock("decoder.layers." + (layer + 1) + ".", channels);
      layer += 3;
    }
    addConv("decoder.layers." + layer + ".", 1, channels, config.lastKernelSize());
  }

  private void addResidualBlock(String block, long channels) {
    long narrow = channels / config.compress();
    addConv(block + "block.1.", narrow, channels, config.residualKernelSize());
    addConv(block + "block.3.", channels, narrow, 1);
  }

  private void addConv(String layer, long out, long in, long kernel) {
    add(layer + "conv.weight", out, in, kernel);
    add(layer + "conv.bias", out);
  }

  private void addTransformer(String part) {
    TransformerConfig sizes = config.transformer();
    for (int i = 0; i < sizes.layers(); i++) {
      String layer = part + "layers." + i + ".";
      for (String norm : List.of("input_layernorm.", "post_attention_layernorm.")) {
        add(layer + norm + "weight", width);
        add(layer + norm + "bias", width);
      }
      add(layer + "self_attn_layer_scale.scale", width);
      add(layer + "mlp_layer_scale.scale", width);
      add(layer + "mlp.fc1.weight", sizes.intermediateSize(), width);
      add(layer + "mlp.fc2.weight", width, sizes.intermediateSize());
      CsmManifest.addAttention(manifest, prefix + layer, sizes);
    }
  }

  private void addQuantizer(String kind, int codebooks) {
    String part = "quantizer." + kind + "_residual_vector_quantizer.";
    if (config.projectsQuantizer()) {
      add(part + "input_proj.weight", config.codebookDim(), width, 1);
      add(part + "output_proj.weight", width, config.codebookDim(), 1);
    }
    for (int i = 0; i < codebooks; i++) {
      String codebook = part + "layers." + i + ".codebook.";
      add(codebook + "embed_sum", config.codebookSize(), config.codebookDim());
      add(codebook + "cluster_usage", config.codebookSize());
      manifest.addOptional(prefix + codebook + "initialized", 1);
    }
  }

  private void add(String name, long... shape) {
    manifest.add(prefix + name, shape);
  }
}
